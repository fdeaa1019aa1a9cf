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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import io.idempotency.Idempotent;
import io.idempotency.web.conformance.Desk.Receipt;
import org.jspecify.annotations.Nullable;

import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Operations whose answer comes from another thread, at once or piece by piece.
 */
@RestController
class AsyncEndpoints {

	/** The stream that Spring gives out cannot be flushed. */
	private static final int MORE_THAN_A_BUFFER = 100_000;

	private final Desk desk;

	private final Executor executor;

	AsyncEndpoints(Desk desk, Executor conformanceExecutor) {
		this.desk = desk;
		this.executor = conformanceExecutor;
	}

	@PostMapping("/async/callable")
	@Idempotent(operation = "callable")
	Callable<Receipt> callable(@RequestHeader(Desk.PROBE) String probe,
			@RequestHeader(Desk.GATE) @Nullable String gate) {
		return () -> this.desk.work(probe, gate);
	}

	@PostMapping("/async/deferred")
	@Idempotent(operation = "deferred")
	DeferredResult<Receipt> deferred(@RequestHeader(Desk.PROBE) String probe,
			@RequestHeader(Desk.GATE) @Nullable String gate) {
		DeferredResult<Receipt> result = new DeferredResult<>();
		this.executor.execute(() -> result.setResult(this.desk.work(probe, gate)));
		return result;
	}

	@PostMapping("/async/future")
	@Idempotent(operation = "future")
	CompletableFuture<Receipt> future(@RequestHeader(Desk.PROBE) String probe,
			@RequestHeader(Desk.GATE) @Nullable String gate) {
		return CompletableFuture.supplyAsync(() -> this.desk.work(probe, gate), this.executor);
	}

	@PostMapping("/async/failing/callable")
	@Idempotent(operation = "failing-callable")
	Callable<Receipt> failingCallable(@RequestHeader(Desk.PROBE) String probe) {
		return () -> fail(probe);
	}

	@PostMapping("/async/failing/deferred")
	@Idempotent(operation = "failing-deferred")
	DeferredResult<Receipt> failingDeferred(@RequestHeader(Desk.PROBE) String probe) {
		DeferredResult<Receipt> result = new DeferredResult<>();
		this.executor.execute(() -> {
			this.desk.work(probe, null);
			result.setErrorResult(new IllegalStateException("failed later"));
		});
		return result;
	}

	@PostMapping("/async/failing/future")
	@Idempotent(operation = "failing-future")
	CompletableFuture<Receipt> failingFuture(@RequestHeader(Desk.PROBE) String probe) {
		return CompletableFuture.supplyAsync(() -> fail(probe), this.executor);
	}

	@PostMapping("/streamed/body")
	@Idempotent(operation = "streamed-body")
	ResponseEntity<StreamingResponseBody> streamedBody(@RequestHeader(Desk.PROBE) String probe,
			@RequestHeader(Desk.GATE) @Nullable String gate) {
		Receipt receipt = this.desk.begin(probe);
		return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body((out) -> {
			out.write(("first" + "x".repeat(MORE_THAN_A_BUFFER)).getBytes(StandardCharsets.US_ASCII));
			this.desk.pass(gate);
			out.write((" second " + receipt.nonce()).getBytes(StandardCharsets.US_ASCII));
		});
	}

	@PostMapping("/streamed/events")
	@Idempotent(operation = "streamed-events")
	SseEmitter streamedEvents(@RequestHeader(Desk.PROBE) String probe,
			@RequestHeader(Desk.GATE) @Nullable String gate) {
		this.desk.begin(probe);
		SseEmitter emitter = new SseEmitter();
		this.executor.execute(() -> emit(emitter, gate));
		return emitter;
	}

	private void emit(SseEmitter emitter, @Nullable String gate) {
		try {
			emitter.send("first");
			this.desk.pass(gate);
			emitter.send("second");
			emitter.complete();
		}
		catch (IOException ex) {
			emitter.completeWithError(ex);
		}
	}

	private Receipt fail(String probe) {
		this.desk.work(probe, null);
		throw new IllegalStateException("failed later");
	}

}
