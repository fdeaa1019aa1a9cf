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
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebMvcAutoConfiguration;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What handlers may do with the response, and how they may fail.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class ServletHandlersIntegrationTests {

	private static final String KEYED = "X-Key";

	private final HttpClient client = HttpClient.newHttpClient();

	private ConfigurableApplicationContext application;

	@BeforeAll
	void start() {
		SpringApplication starter = new SpringApplication(Handlers.class);
		starter.setWebApplicationType(WebApplicationType.SERVLET);
		this.application = starter.run("--server.port=0", "--idempotency.store=memory",
				"--idempotency.web.header=" + KEYED);
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	@ParameterizedTest
	@CsvSource({ "location, 302", "status, 303", "buffer, 302", "all, 307" })
	void redirectOfAnUnguardedHandlerIsAsItWasAskedFor(String how, int status) throws Exception {
		HttpResponse<String> response = post("/redirects/free?how=" + how, null);

		assertThat(response.statusCode()).isEqualTo(status);
		assertThat(response.headers().firstValue("Location")).get().asString().endsWith("/there");
		assertThat(response.body()).isEqualTo((how.equals("buffer") || how.equals("all")) ? "kept" : "");
	}

	@ParameterizedTest
	@CsvSource({ "location, 302", "status, 303", "buffer, 302", "all, 307" })
	void redirectIsRecordedAndReplayed(String how, int status) throws Exception {
		String key = UUID.randomUUID().toString();

		HttpResponse<String> first = post("/redirects/guarded?how=" + how, key);
		HttpResponse<String> retry = post("/redirects/guarded?how=" + how, key);

		assertThat(first.statusCode()).isEqualTo(status);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).contains("true");
		assertThat(retry.statusCode()).isEqualTo(status);
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(retry.headers().firstValue("Location")).get().asString().endsWith("/there");
	}

	@Test
	void failureOfAStageIsRememberedByItsOwnType() throws Exception {
		String key = UUID.randomUUID().toString();

		HttpResponse<String> first = post("/declined", key);
		HttpResponse<String> retry = post("/declined", key);

		assertThat(first.statusCode()).isEqualTo(502);
		assertThat(first.body()).isEqualTo("declined in run 1");
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(retry.statusCode()).isEqualTo(502);
	}

	private HttpResponse<String> post(String path, String key) throws IOException, InterruptedException {
		HttpRequest.Builder request = HttpRequest
			.newBuilder(URI.create(
					"http://localhost:" + this.application.getEnvironment().getProperty("local.server.port") + path))
			.timeout(Duration.ofSeconds(20))
			.POST(BodyPublishers.noBody());
		if (key != null) {
			request.header(KEYED, key);
		}
		return this.client.send(request.build(), BodyHandlers.ofString());
	}

	/**
	 * The application.
	 */
	@RestController
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
			WebMvcAutoConfiguration.class, HttpMessageConvertersAutoConfiguration.class, JacksonAutoConfiguration.class,
			IdempotencyAutoConfiguration.class, IdempotencyWebAutoConfiguration.class,
			IdempotencyWebMvcAutoConfiguration.class })
	static class Handlers {

		private final AtomicInteger runs = new AtomicInteger();

		@PostMapping("/redirects/free")
		void free(@RequestParam String how, HttpServletResponse response) throws IOException {
			redirect(how, response);
		}

		@PostMapping("/redirects/guarded")
		@Idempotent(operation = "redirect")
		public void guarded(@RequestParam String how, HttpServletResponse response) throws IOException {
			redirect(how, response);
		}

		private static void redirect(String how, HttpServletResponse response) throws IOException {
			response.getOutputStream().print("kept");
			switch (how) {
				case "status" -> response.sendRedirect("/there", 303);
				case "buffer" -> response.sendRedirect("/there", false);
				case "all" -> response.sendRedirect("/there", 307, false);
				default -> response.sendRedirect("/there");
			}
		}

		@PostMapping("/declined")
		@Idempotent(operation = "declined", rememberFailures = DeclinedException.class)
		public CompletableFuture<String> declined() {
			return CompletableFuture.supplyAsync(() -> {
				throw new DeclinedException("declined in run " + this.runs.incrementAndGet());
			});
		}

		@ExceptionHandler
		@ResponseStatus(HttpStatus.BAD_GATEWAY)
		String declined(DeclinedException ex) {
			return ex.getMessage();
		}

	}

	static class DeclinedException extends RuntimeException {

		DeclinedException(String message) {
			super(message);
		}

	}

}
