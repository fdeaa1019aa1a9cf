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

package io.idempotency.web.servlet;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is promised of handlers holds as well for those that only a path guards, in an
 * application whose dispatcher has a path of its own.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = {
		"spring.autoconfigure.exclude=org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration",
		"spring.mvc.servlet.path=/api", "spring.mvc.async.request-timeout=100ms", "idempotency.store=memory",
		"idempotency.web.routes.by-path.paths=/routed/**", "idempotency.operations.by-path.on-unknown=hold" })
class ServletRoutesIntegrationTests {

	private final HttpClient client = HttpClient.newHttpClient();

	@LocalServerPort
	private int port;

	@Autowired
	private AtomicInteger runs;

	@ParameterizedTest
	@ValueSource(strings = { "/value", "/deferred", "/future", "/function", "/future-function" })
	void resultIsReplayed(String path) throws Exception {
		int before = this.runs.get();
		String key = UUID.randomUUID().toString();
		HttpResponse<String> first = post(path, key);
		HttpResponse<String> second = post(path, key);

		assertThat(first.statusCode()).isEqualTo(200);
		assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(second.body()).isEqualTo(first.body());
		assertThat(second.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(this.runs.get() - before).isEqualTo(1);
	}

	@Test
	void handlerKnowsItsRun() throws Exception {
		assertThat(post("/value", UUID.randomUUID().toString()).body()).isEqualTo("by-path");
	}

	@Test
	void errorOfTheHandlerIsNotTakenForARefusal() throws Exception {
		String key = UUID.randomUUID().toString();

		assertThat(post("/broken", key).statusCode()).isEqualTo(500);

		assertThat(post("/broken", key).body()).contains("outcome-unknown");
	}

	@Test
	void workIsDoneEvenIfItsAnswerCannotBeWritten() throws Exception {
		int before = this.runs.get();
		String key = UUID.randomUUID().toString();

		assertThat(post("/unwritable", key).statusCode()).isGreaterThanOrEqualTo(400);

		assertThat(post("/unwritable", key).body()).contains("response-not-replayable");
		assertThat(this.runs.get() - before).isEqualTo(1);
	}

	@Test
	void argumentThatIsRefusedLeavesNoTrace() throws Exception {
		String key = UUID.randomUUID().toString();

		assertThat(post("/number", key).statusCode()).isEqualTo(400);
		assertThat(post("/number?value=none", key).statusCode()).isEqualTo(400);

		assertThat(post("/number?value=7", key).statusCode()).isEqualTo(200);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/never", "/never-function" })
	void timeOutIsNotTheEndOfTheWork(String path) throws Exception {
		String key = UUID.randomUUID().toString();

		assertThat(post(path, key).statusCode()).isEqualTo(503);

		assertThat(post(path, key).body()).contains("in-progress");
	}

	private HttpResponse<String> post(String path, String key) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + "/api/routed" + path))
			.header("Idempotency-Key", key)
			.POST(HttpRequest.BodyPublishers.noBody())
			.build();
		return this.client.send(request, HttpResponse.BodyHandlers.ofString());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(excludeName = {
			"org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration",
			"org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration" })
	@Import(Handlers.class)
	static class Application {

		@Bean
		AtomicInteger runs() {
			return new AtomicInteger();
		}

		@Bean
		RouterFunction<ServerResponse> functions(AtomicInteger runs) {
			return RouterFunctions.route()
				.POST("/routed/function", (request) -> ServerResponse.ok().body(runs.incrementAndGet()))
				.POST("/routed/future-function",
						(request) -> ServerResponse.async(CompletableFuture.supplyAsync(runs::incrementAndGet)
							.thenApply((run) -> ServerResponse.ok().body(run))))
				.POST("/routed/never-function",
						(request) -> ServerResponse.async(new CompletableFuture<>(), Duration.ofMillis(100)))
				.build();
		}

	}

	@RestController
	@RequestMapping(path = "/routed", method = RequestMethod.POST)
	static class Handlers {

		private final AtomicInteger runs;

		Handlers(AtomicInteger runs) {
			this.runs = runs;
		}

		@PostMapping("/value")
		String value() {
			this.runs.incrementAndGet();
			return IdempotencyContext.current().map(IdempotencyContext::operation).orElse("no run");
		}

		@PostMapping("/deferred")
		DeferredResult<Integer> deferred() {
			DeferredResult<Integer> result = new DeferredResult<>(60_000L);
			CompletableFuture.runAsync(() -> result.setResult(this.runs.incrementAndGet()));
			return result;
		}

		@PostMapping("/future")
		CompletableFuture<Integer> future() {
			return CompletableFuture.supplyAsync(this.runs::incrementAndGet);
		}

		@PostMapping("/never")
		DeferredResult<Integer> never() {
			return new DeferredResult<>();
		}

		@PostMapping("/broken")
		String broken() {
			throw new AssertionError("broken");
		}

		@PostMapping("/unwritable")
		ResponseEntity<Object> unwritable() {
			this.runs.incrementAndGet();
			return ResponseEntity.ok(new Unwritable());
		}

		@PostMapping("/number")
		int number(@RequestParam int value) {
			return value;
		}

	}

	static class Unwritable {

		public String getValue() {
			throw new IllegalStateException("not to be written");
		}

	}

}
