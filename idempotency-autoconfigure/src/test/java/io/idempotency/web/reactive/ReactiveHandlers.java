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

package io.idempotency.web.reactive;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;

/**
 * Handlers of each kind that WebFlux knows. Each counts its runs by path.
 */
@RestController
class ReactiveHandlers {

	private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

	private volatile Sinks.Empty<Void> gate = Sinks.empty();

	private final Ledger ledger;

	ReactiveHandlers(Ledger ledger) {
		this.ledger = ledger;
	}

	int runs(String handler) {
		return this.runs.computeIfAbsent(handler, (name) -> new AtomicInteger()).get();
	}

	/** What waits at the gate from now on waits until it is opened. */
	void closeGate() {
		this.gate = Sinks.empty();
	}

	void openGate() {
		this.gate.tryEmitEmpty();
	}

	private int run(String handler) {
		return this.runs.computeIfAbsent(handler, (name) -> new AtomicInteger()).incrementAndGet();
	}

	@PostMapping("/orders")
	@Idempotent(operation = "order")
	Mono<ResponseEntity<Map<String, Object>>> order(@RequestBody Map<String, Object> order,
			ServerHttpResponse response) {
		return Mono.delay(Duration.ofMillis(20)).map((tick) -> {
			int run = run("order");
			response.addCookie(ResponseCookie.from("session", "s" + run).build());
			return ResponseEntity.created(URI.create("/orders/" + run)).body(Map.of("order", order, "run", run));
		});
	}

	@PostMapping("/threads")
	@Idempotent(operation = "thread")
	Mono<String> thread() {
		return Mono.just(Thread.currentThread().getName());
	}

	@PostMapping("/lists")
	@Idempotent(operation = "list")
	Flux<Map<String, Object>> list() {
		return Flux.range(1, 3)
			.delayElements(Duration.ofMillis(1))
			.map((item) -> Map.of("item", item, "run", run("list")));
	}

	@PostMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	@Idempotent(operation = "events")
	Flux<String> events() {
		run("events");
		return Flux.concat(Flux.just("first"), this.gate.asMono().then(Mono.just("last")));
	}

	@PostMapping("/nothing")
	@Idempotent(operation = "nothing")
	@ResponseStatus(HttpStatus.ACCEPTED)
	Mono<Void> nothing() {
		return Mono.fromRunnable(() -> run("nothing"));
	}

	@PostMapping("/fails")
	@Idempotent(operation = "fails")
	Mono<String> fails() {
		return Mono
			.defer(() -> (run("fails") == 1) ? Mono.error(new IllegalStateException("once")) : Mono.just("done"));
	}

	@PostMapping("/declined")
	@Idempotent(operation = "declined")
	Mono<String> declined() {
		return Mono.error(() -> new ResponseStatusException(HttpStatus.PAYMENT_REQUIRED, "run " + run("declined")));
	}

	@PostMapping("/slow")
	@Idempotent(operation = "slow")
	Mono<String> slow() {
		int run = run("slow");
		return this.gate.asMono().then(Mono.just("slow " + run));
	}

	@PostMapping("/big")
	@Idempotent(operation = "big")
	Mono<String> big() {
		return Mono.fromCallable(() -> "x".repeat(5000) + run("big"));
	}

	@PostMapping("/forms")
	@Idempotent(operation = "form")
	Mono<String> form(ServerWebExchange exchange) {
		return exchange.getFormData().map((form) -> form.getFirst("amount") + ", run " + run("form"));
	}

	@PostMapping("/uploads")
	@Idempotent(operation = "upload")
	Mono<String> upload(@RequestPart("note") String note, @RequestPart("file") FilePart file) {
		return file.content()
			.map((buffer) -> buffer.readableByteCount())
			.reduce(0, Integer::sum)
			.map((size) -> note + " " + size + ", run " + run("upload"));
	}

	@PostMapping("/admin")
	@PreAuthorize("hasRole('ADMIN')")
	@Idempotent(operation = "admin")
	Mono<String> admin() {
		return Mono.fromCallable(() -> "admin " + run("admin"));
	}

	@PostMapping("/lazy")
	@Idempotent(operation = "lazy")
	Mono<String> lazy(@RequestBody Mono<String> body) {
		return body.map((text) -> text + ", run " + run("lazy"));
	}

	@PostMapping("/numbers/{number}")
	@Idempotent(operation = "number")
	Mono<String> number(@PathVariable int number) {
		return Mono.fromCallable(() -> number + ", run " + run("number"));
	}

	@PostMapping("/optional")
	@Idempotent(operation = "optional")
	Flux<String> optional() {
		return Flux.defer(() -> Flux.just("run ", Integer.toString(run("optional"))));
	}

	@PostMapping("/free")
	Mono<String> free(@RequestBody String body) {
		return Mono.fromCallable(() -> body.length() + ", run " + run("free"));
	}

	@GetMapping("/safe")
	@Idempotent(operation = "safe")
	Mono<String> safe() {
		return Mono.fromCallable(() -> "run " + run("safe"));
	}

	@PostMapping("/context")
	@Idempotent(operation = "context")
	Mono<String> context() {
		return Mono.deferContextual(
				(reactor) -> Mono.just(reactor.get(IdempotencyContext.class).operation() + " " + run("context")));
	}

	@PostMapping("/bodies")
	@Idempotent(operation = "body")
	Mono<ResponseEntity<Flux<String>>> body() {
		return Mono.just(ResponseEntity.accepted()
			.body(Flux.deferContextual(
					(reactor) -> Flux.just(reactor.get(IdempotencyContext.class).operation(), " " + run("body")))));
	}

	@PostMapping("/failing-bodies")
	@Idempotent(operation = "failing-body")
	Mono<ResponseEntity<Flux<String>>> failingBody() {
		return Mono.just(ResponseEntity.accepted().body(Flux.defer(() -> {
			run("failing-body");
			return Flux.error(new IllegalStateException("of the body"));
		})));
	}

	@PostMapping("/failing-futures")
	@Idempotent(operation = "failing-future")
	Mono<ResponseEntity<CompletableFuture<String>>> failingFuture() {
		return Mono.fromCallable(() -> {
			run("failing-future");
			return ResponseEntity.accepted().body(CompletableFuture.failedFuture(new IllegalStateException("later")));
		});
	}

	@PostMapping("/futures")
	@Idempotent(operation = "future")
	Mono<ResponseEntity<CompletableFuture<String>>> future() {
		return Mono.fromCallable(() -> {
			String text = "future " + run("future");
			return ResponseEntity.accepted().body(CompletableFuture.supplyAsync(() -> text));
		});
	}

	@PostMapping("/unwritable")
	@Idempotent(operation = "unwritable")
	Mono<Unwritable> unwritable() {
		return Mono.fromCallable(() -> {
			run("unwritable");
			return new Unwritable();
		});
	}

	@PostMapping("/ledger")
	@Idempotent(operation = "ledger-request")
	Mono<String> ledger() {
		return Mono.fromCallable(() -> this.ledger.book(null));
	}

	/** Done, but no response can be made of it. */
	static class Unwritable {

		public String getReceipt() {
			throw new IllegalStateException("no receipt");
		}

	}

	/** A guarded service behind the handler. */
	@Service
	static class Ledger {

		@Idempotent(key = "#entry", operation = "book")
		String book(@Nullable String entry) {
			return "booked " + entry;
		}

	}

}
