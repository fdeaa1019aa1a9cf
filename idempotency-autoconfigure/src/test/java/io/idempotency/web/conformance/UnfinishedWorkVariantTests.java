/*
 * Copyright 2026 the idempotency-spring-boot-starter authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.idempotency.web.conformance;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;

import io.idempotency.Idempotent;
import io.idempotency.web.conformance.Desk.Receipt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.core.task.support.TaskExecutorAdapter;
import org.springframework.http.ResponseEntity;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that are answered before their asynchronous work is done, or before it began.
 * A lease that nobody ends is renewed for longer than these tests wait.
 */
@SpringBootTest(classes = { ConformanceApplication.class, UnfinishedWorkVariantTests.Endpoints.class },
		webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { ConformanceApplication.TOMCAT, "spring.mvc.async.request-timeout=300ms" })
class UnfinishedWorkVariantTests extends SettingsVariant {

	@ParameterizedTest
	@ValueSource(strings = { "/unfinished/stubborn", "/routed/unfinished/stubborn" })
	void taskThatOutlivesItsRequestEndsItsRun(String target) {
		Call call = post(target).gated();
		assertThat(call.send().status()).isEqualTo(503);
		assertProblem(call.send(), 409, IN_PROGRESS);

		// Spring has forgotten the request by the time the task looks for it
		call.openGate();

		assertProblem(call.sendUntilAnswered(), 409, NOT_REPLAYABLE);
		assertThat(call.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/unfinished/queued", "/routed/unfinished/queued" })
	void taskThatNeverBeganLeavesItsKey(String target) {
		Call other = post(target).gated();
		CompletableFuture<Answer> holding = other.startAndHold();
		Call call = post(target);
		assertThat(call.send().status()).isEqualTo(503);
		assertThat(call.runs()).isZero();

		other.openGate();
		holding.join();

		assertThat(call.sendUntilAnswered().status()).isEqualTo(200);
		assertThat(call.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/unfinished/rejected", "/routed/unfinished/rejected" })
	void taskThatIsRejectedLeavesItsKey(String target) {
		Call call = post(target);
		Answer first = call.send();
		assertThat(first.status()).isEqualTo(503);
		assertThat(first.text()).isEqualTo("busy");

		Answer second = call.sendUntilAnswered();

		assertThat(second.status()).isEqualTo(503);
		assertThat(second.replayed()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/unfinished/own-time-out", "/unfinished/set-at-time-out",
			"/routed/unfinished/own-time-out", "/routed/unfinished/set-at-time-out" })
	void answerOfATimeoutIsNotTheEndOfTheWork(String target) {
		Call call = post(target).gated();
		assertThat(call.send().text()).isEqualTo("later");

		assertProblem(call.send(), 409, IN_PROGRESS);

		assertThat(call.runs()).isEqualTo(1);
		call.openGate();
	}

	@Test
	void taskThatHasItsOwnTimeoutEndsItsRun() {
		Call call = post("/unfinished/task-time-out").gated();
		assertThat(call.send().text()).isEqualTo("later");
		assertProblem(call.send(), 409, IN_PROGRESS);

		call.openGate();

		assertProblem(call.sendUntilAnswered(), 409, NOT_REPLAYABLE);
		assertThat(call.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/unfinished/entity-of-future", "/routed/unfinished/entity-of-future" })
	void entityOfAFutureKeepsItsStatusAndHeaders(String target) {
		Call call = post(target);
		Answer first = call.send();
		assertThat(first.status()).isEqualTo(201);
		assertThat(first.header("Location")).isEqualTo("/receipts/1");

		assertReplay(call.send(), first);

		assertThat(call.runs()).isEqualTo(1);
	}

	/**
	 * What the handlers do, guarded by their annotation or by their path.
	 */
	static class Unfinished {

		private static final ResponseEntity<Object> LATER = ResponseEntity.status(202).body("later");

		private final Desk desk;

		private final Executor executor;

		private final TaskExecutorAdapter full = new TaskExecutorAdapter((task) -> {
			throw new RejectedExecutionException("full");
		});

		private final ThreadPoolTaskExecutor single = new ThreadPoolTaskExecutor();

		Unfinished(Desk desk, Executor executor) {
			this.desk = desk;
			this.executor = executor;
			this.single.setCorePoolSize(1);
			this.single.setDaemon(true);
			this.single.setRejectedExecutionHandler(new ThreadPoolExecutor.AbortPolicy());
			this.single.initialize();
		}

		Callable<Receipt> stubborn(String probe, String gate) {
			return () -> workUninterrupted(probe, gate);
		}

		WebAsyncTask<Receipt> queued(String probe, @Nullable String gate) {
			// Whoever holds the queue waits for longer
			long timeout = (gate != null) ? 10_000 : 300;
			return new WebAsyncTask<>(timeout, this.single, () -> this.desk.work(probe, gate));
		}

		WebAsyncTask<Receipt> rejected(String probe) {
			return new WebAsyncTask<>(300L, this.full, () -> this.desk.work(probe, null));
		}

		WebAsyncTask<Object> taskTimeout(String probe, String gate) {
			WebAsyncTask<Object> task = new WebAsyncTask<>(300L, () -> workUninterrupted(probe, gate));
			task.onTimeout(() -> LATER);
			return task;
		}

		DeferredResult<Object> ownTimeout(String probe, String gate) {
			return begun(new DeferredResult<>(300L, LATER), probe, gate);
		}

		DeferredResult<Object> setAtTimeout(String probe, String gate) {
			DeferredResult<Object> result = new DeferredResult<>(300L);
			result.onTimeout(() -> result.setResult(LATER));
			return begun(result, probe, gate);
		}

		private DeferredResult<Object> begun(DeferredResult<Object> result, String probe, String gate) {
			this.executor.execute(() -> result.setResult(this.desk.work(probe, gate)));
			return result;
		}

		ResponseEntity<CompletableFuture<Receipt>> entityOfFuture(String probe) {
			return ResponseEntity.status(201)
				.header("Location", "/receipts/1")
				.body(CompletableFuture.supplyAsync(() -> this.desk.work(probe, null), this.executor));
		}

		private Receipt workUninterrupted(String probe, String gate) {
			// As a driver does that knows no interrupts
			return CompletableFuture.supplyAsync(() -> this.desk.work(probe, gate), this.executor).join();
		}

	}

	@RestController
	@Import(RoutedEndpoints.class)
	static class Endpoints {

		private final Unfinished unfinished;

		Endpoints(Unfinished unfinished) {
			this.unfinished = unfinished;
		}

		@Bean
		static Unfinished unfinished(Desk desk, Executor conformanceExecutor) {
			return new Unfinished(desk, conformanceExecutor);
		}

		@PostMapping("/unfinished/stubborn")
		@Idempotent(operation = "stubborn")
		Callable<Receipt> stubborn(@RequestHeader(Desk.PROBE) String probe, @RequestHeader(Desk.GATE) String gate) {
			return this.unfinished.stubborn(probe, gate);
		}

		@PostMapping("/unfinished/queued")
		@Idempotent(operation = "queued")
		WebAsyncTask<Receipt> queued(@RequestHeader(Desk.PROBE) String probe,
				@RequestHeader(Desk.GATE) @Nullable String gate) {
			return this.unfinished.queued(probe, gate);
		}

		@PostMapping("/unfinished/rejected")
		@Idempotent(operation = "rejected")
		WebAsyncTask<Receipt> rejected(@RequestHeader(Desk.PROBE) String probe) {
			return this.unfinished.rejected(probe);
		}

		@PostMapping("/unfinished/task-time-out")
		@Idempotent(operation = "task-time-out")
		WebAsyncTask<Object> taskTimeout(@RequestHeader(Desk.PROBE) String probe,
				@RequestHeader(Desk.GATE) String gate) {
			return this.unfinished.taskTimeout(probe, gate);
		}

		@PostMapping("/unfinished/own-time-out")
		@Idempotent(operation = "own-time-out")
		DeferredResult<Object> ownTimeout(@RequestHeader(Desk.PROBE) String probe,
				@RequestHeader(Desk.GATE) String gate) {
			return this.unfinished.ownTimeout(probe, gate);
		}

		@PostMapping("/unfinished/set-at-time-out")
		@Idempotent(operation = "set-at-time-out")
		DeferredResult<Object> setAtTimeout(@RequestHeader(Desk.PROBE) String probe,
				@RequestHeader(Desk.GATE) String gate) {
			return this.unfinished.setAtTimeout(probe, gate);
		}

		@PostMapping("/unfinished/entity-of-future")
		@Idempotent(operation = "entity-of-future")
		ResponseEntity<CompletableFuture<Receipt>> entityOfFuture(@RequestHeader(Desk.PROBE) String probe) {
			return this.unfinished.entityOfFuture(probe);
		}

		@ExceptionHandler
		ResponseEntity<String> busy(TaskRejectedException ex) {
			return ResponseEntity.status(503).body("busy");
		}

	}

	@RestController
	static class RoutedEndpoints {

		private final Unfinished unfinished;

		RoutedEndpoints(Unfinished unfinished) {
			this.unfinished = unfinished;
		}

		@PostMapping("/routed/unfinished/stubborn")
		Callable<Receipt> stubborn(@RequestHeader(Desk.PROBE) String probe, @RequestHeader(Desk.GATE) String gate) {
			return this.unfinished.stubborn(probe, gate);
		}

		@PostMapping("/routed/unfinished/queued")
		WebAsyncTask<Receipt> queued(@RequestHeader(Desk.PROBE) String probe,
				@RequestHeader(Desk.GATE) @Nullable String gate) {
			return this.unfinished.queued(probe, gate);
		}

		@PostMapping("/routed/unfinished/rejected")
		WebAsyncTask<Receipt> rejected(@RequestHeader(Desk.PROBE) String probe) {
			return this.unfinished.rejected(probe);
		}

		@PostMapping("/routed/unfinished/own-time-out")
		DeferredResult<Object> ownTimeout(@RequestHeader(Desk.PROBE) String probe,
				@RequestHeader(Desk.GATE) String gate) {
			return this.unfinished.ownTimeout(probe, gate);
		}

		@PostMapping("/routed/unfinished/set-at-time-out")
		DeferredResult<Object> setAtTimeout(@RequestHeader(Desk.PROBE) String probe,
				@RequestHeader(Desk.GATE) String gate) {
			return this.unfinished.setAtTimeout(probe, gate);
		}

		@PostMapping("/routed/unfinished/entity-of-future")
		ResponseEntity<CompletableFuture<Receipt>> entityOfFuture(@RequestHeader(Desk.PROBE) String probe) {
			return this.unfinished.entityOfFuture(probe);
		}

		@ExceptionHandler
		ResponseEntity<String> busy(TaskRejectedException ex) {
			return ResponseEntity.status(503).body("busy");
		}

	}

}
