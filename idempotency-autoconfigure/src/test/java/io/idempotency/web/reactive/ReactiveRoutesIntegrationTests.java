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

import java.net.http.HttpResponse;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.reactive.DispatcherHandler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class ReactiveRoutesIntegrationTests extends ReactiveClient {

	private RoutedApplication.Runs runs;

	@BeforeAll
	void start() {
		start(RoutedApplication.class,
				Map.of("idempotency.web.routes.by-path.paths", "/routed/**",
						"idempotency.operations.function.programmatic", "true",
						"idempotency.operations.outer-function.programmatic", "true",
						"idempotency.operations.outer-function.key-required", "false"));
		this.runs = this.application.getBean(RoutedApplication.Runs.class);
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	@AfterEach
	void noEventLoopWasBlocked() {
		assertThat(this.application.getBean(ReactiveApplication.StoreThreads.class).onEventLoops).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/routed/values", "/routed/functions", "/routed/annotated", "/functions/orders" })
	void nothingRunsForARequestThatDidNotPassTheFilter(String path) {
		DispatcherHandler withoutFilters = this.application.getBean(DispatcherHandler.class);
		MockServerWebExchange exchange = MockServerWebExchange
			.from(MockServerHttpRequest.post(path).header("Idempotency-Key", key()));

		assertThatIllegalStateException().isThrownBy(() -> withoutFilters.handle(exchange).block())
			.withMessageContaining("did not pass the idempotency filter");
	}

	@ParameterizedTest
	@CsvSource({ "/routed/monos,mono,200", "/routed/fluxes,flux,200", "/routed/values,value,200",
			"/routed/futures,future,200", "/routed/bodies,body,202", "/routed/functions,function-body,200",
			"/routed/annotated,annotated,200", "/routed/declined,declined,402",
			"/routed/declined-later,declined-later,402", "/functions/orders,function-order,201",
			"/functions/bodies,function-body,200", "/nested,function-body,200" })
	void runsOnceAndIsReplayed(String path, String handler, int status) throws Exception {
		String key = key();
		int before = this.runs.of(handler);

		HttpResponse<byte[]> first = post(path, key, "{}");
		HttpResponse<byte[]> second = post(path, key, "{}");

		assertThat(first.statusCode()).isEqualTo(status);
		assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(second.statusCode()).isEqualTo(status);
		assertThat(second.body()).isEqualTo(first.body()).isNotEmpty();
		assertThat(second.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(post(path, key, "{\"other\":1}").statusCode()).isEqualTo(422);
		assertThat(this.runs.of(handler) - before).isEqualTo(path.equals("/routed/fluxes") ? 2 : 1);
	}

	@ParameterizedTest
	@CsvSource({ "/routed/monos,by-path", "/routed/bodies,by-path", "/routed/functions,by-path",
			"/routed/annotated,annotated", "/functions/orders,function", "/functions/bodies,function",
			"/nested,outer-function" })
	void reactorsContextTellsOfTheRun(String path, String operation) throws Exception {
		assertThat(text(post(path, key(), "{}"))).startsWith(operation + ", run ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/routed/monos", "/routed/values", "/routed/functions", "/functions/orders" })
	void missingKeyIsRefused(String path) throws Exception {
		HttpResponse<byte[]> response = post(path, null, "{}");

		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.headers().allValues("Content-Type")).containsExactly("application/problem+json");
		assertThat(text(response)).contains("\"missing-key\"");
	}

	@ParameterizedTest
	@CsvSource({ "/routed/monos,mono", "/routed/late,late", "/functions/orders,function-order" })
	void correctedBodyRunsUnderTheKeyOfTheUnreadableOne(String path, String handler) throws Exception {
		String key = key();
		int before = this.runs.of(handler);

		assertThat(post(path, key, "{").statusCode()).isEqualTo(400);
		HttpResponse<byte[]> corrected = post(path, key, "{}");

		assertThat(corrected.statusCode()).isBetween(200, 201);
		assertThat(corrected.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(this.runs.of(handler)).isEqualTo(before + 1);
	}

	@Test
	void correctedPathRunsUnderTheKeyOfTheUnreadableOne() throws Exception {
		String key = key();

		assertThat(post("/routed/numbers/none", key, "").statusCode()).isEqualTo(400);
		assertThat(post("/routed/numbers/7", key, "").statusCode()).isEqualTo(200);
	}

	@ParameterizedTest
	@CsvSource({ "/routed/fails,fails", "/functions/failing,function-failing" })
	void failureReleasesTheKey(String path, String handler) throws Exception {
		String key = key();
		int before = this.runs.of(handler);

		assertThat(post(path, key, "").statusCode()).isEqualTo(500);
		assertThat(post(path, key, "").statusCode()).isEqualTo(500);
		assertThat(this.runs.of(handler)).isEqualTo(before + 2);
	}

	@Test
	void workIsDoneThoughItsResponseCannotBeMade() throws Exception {
		String key = key();
		int before = this.runs.of("unwritable");

		assertThat(post("/routed/unwritable", key, "").statusCode()).isEqualTo(500);
		HttpResponse<byte[]> second = post("/routed/unwritable", key, "");

		assertThat(second.statusCode()).isEqualTo(409);
		assertThat(text(second)).contains("\"response-not-replayable\"");
		assertThat(this.runs.of("unwritable")).isEqualTo(before + 1);
	}

	@Test
	void whatTheDispatcherRefusesLeavesNoTrace() throws Exception {
		String key = key();

		assertThat(post("/routed/nowhere", key, "{}").statusCode()).isEqualTo(404);
		assertThat(send(request("/routed/monos", key, "{}").setHeader("Content-Type", "text/plain")).statusCode())
			.isEqualTo(415);
		assertThat(post("/routed/monos", key, "{}").statusCode()).isEqualTo(200);
	}

	@Test
	void safeMethodsOfAFunctionAreLeftAlone() throws Exception {
		String key = key();

		String first = text(send(request("/functions/runs", key, "").GET()));

		assertThat(text(send(request("/functions/runs", key, "").GET()))).isNotEqualTo(first);
	}

}
