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

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import io.idempotency.Idempotent;
import io.idempotency.web.conformance.Desk.Receipt;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Operations whose answer comes from another thread, at once or piece by piece. A
 * {@code Callable} and a {@code DeferredResult} are a publisher here.
 */
@RestController
class ReactiveAsyncEndpoints {

	private final Desk desk;

	private final Executor executor;

	ReactiveAsyncEndpoints(Desk desk, Executor conformanceExecutor) {
		this.desk = desk;
		this.executor = conformanceExecutor;
	}

	@PostMapping("/async/callable")
	@Idempotent(operation = "callable")
	Mono<Receipt> callable(@RequestHeader(Desk.PROBE) String probe, @RequestHeader(Desk.GATE) @Nullable String gate) {
		return Mono.fromCallable(() -> this.desk.work(probe, gate)).subscribeOn(Schedulers.boundedElastic());
	}

	@PostMapping("/async/deferred")
	@Idempotent(operation = "deferred")
	Mono<Receipt> deferred(@RequestHeader(Desk.PROBE) String probe, @RequestHeader(Desk.GATE) @Nullable String gate) {
		return Mono.create((sink) -> this.executor.execute(() -> sink.success(this.desk.work(probe, gate))));
	}

	@PostMapping("/async/future")
	@Idempotent(operation = "future")
	Mono<Receipt> future(@RequestHeader(Desk.PROBE) String probe, @RequestHeader(Desk.GATE) @Nullable String gate) {
		return Mono.fromFuture(() -> CompletableFuture.supplyAsync(() -> this.desk.work(probe, gate), this.executor));
	}

	@PostMapping("/async/failing/callable")
	@Idempotent(operation = "failing-callable")
	Mono<Receipt> failingCallable(@RequestHeader(Desk.PROBE) String probe) {
		return Mono.fromCallable(() -> fail(probe)).subscribeOn(Schedulers.boundedElastic());
	}

	@PostMapping("/async/failing/deferred")
	@Idempotent(operation = "failing-deferred")
	Mono<Receipt> failingDeferred(@RequestHeader(Desk.PROBE) String probe) {
		return Mono.create((sink) -> this.executor.execute(() -> {
			this.desk.work(probe, null);
			sink.error(new IllegalStateException("failed later"));
		}));
	}

	@PostMapping("/async/failing/future")
	@Idempotent(operation = "failing-future")
	Mono<Receipt> failingFuture(@RequestHeader(Desk.PROBE) String probe) {
		return Mono.fromFuture(() -> CompletableFuture.supplyAsync(() -> fail(probe), this.executor));
	}

	@PostMapping("/streamed/body")
	@Idempotent(operation = "streamed-body")
	Mono<Void> streamedBody(@RequestHeader(Desk.PROBE) String probe, @RequestHeader(Desk.GATE) @Nullable String gate,
			ServerHttpResponse response) {
		response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
		return this.desk.later(probe, null)
			.flatMap((receipt) -> response.writeAndFlushWith(Flux.concat(Mono.just(piece(response, "first")),
					pass(gate).then(Mono.fromCallable(() -> piece(response, " second " + receipt.nonce()))))));
	}

	private static Mono<DataBuffer> piece(ServerHttpResponse response, String text) {
		return Mono.fromCallable(() -> response.bufferFactory().wrap(text.getBytes(StandardCharsets.US_ASCII)));
	}

	@PostMapping(path = "/streamed/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	@Idempotent(operation = "streamed-events")
	Flux<String> streamedEvents(@RequestHeader(Desk.PROBE) String probe,
			@RequestHeader(Desk.GATE) @Nullable String gate) {
		return this.desk.later(probe, null)
			.flatMapMany((receipt) -> Flux.concat(Mono.just("first"), pass(gate).thenReturn("second")));
	}

	private Mono<Void> pass(@Nullable String gate) {
		return Mono.<Void>fromRunnable(() -> this.desk.pass(gate)).subscribeOn(Schedulers.boundedElastic());
	}

	private Receipt fail(String probe) {
		this.desk.work(probe, null);
		throw new IllegalStateException("failed later");
	}

}
