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

package io.idempotency.web.openapi;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;

import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyOpenApiAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebMvcAutoConfiguration;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springdoc.core.configuration.SpringDocConfiguration;
import org.springdoc.core.models.GroupedOpenApi;
import org.springdoc.core.properties.SpringDocConfigProperties;
import org.springdoc.webmvc.core.configuration.MultipleOpenApiSupportConfiguration;
import org.springdoc.webmvc.core.configuration.SpringDocWebMvcConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenApiDescriptionIntegrationTests {

	private final HttpClient client = HttpClient.newHttpClient();

	private ConfigurableApplicationContext application;

	@BeforeAll
	void start() {
		SpringApplication starter = new SpringApplication(Payments.class);
		starter.setDefaultProperties(Map.of("server.port", "0", "idempotency.store", "memory",
				"spring.main.banner-mode", "off", "idempotency.operations.optional.key-required", "false"));
		this.application = starter.run();
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v3/api-docs", "/v3/api-docs/payments" })
	void guardedHandlerShowsItsContract(String address) throws Exception {
		JsonNode charge = get(address).at("/paths/~1charges/post");

		JsonNode parameter = charge.at("/parameters/0");
		assertThat(parameter.at("/name").asString()).isEqualTo("Idempotency-Key");
		assertThat(parameter.at("/in").asString()).isEqualTo("header");
		assertThat(parameter.at("/required").asBoolean()).isTrue();
		assertThat(parameter.at("/schema/type").asString()).isEqualTo("string");
		assertThat(parameter.at("/example").asString()).startsWith("\"").endsWith("\"");
		assertThat(charge.at("/parameters")).hasSize(1);
		assertThat(charge.get("responses").propertyNames()).containsExactlyInAnyOrder("200", "400", "409", "422");
		assertThat(charge.at("/responses/200/headers/Idempotent-Replayed/schema/type").asString()).isEqualTo("boolean");
		assertThat(charge.at("/responses/409/headers/Retry-After/schema/type").asString()).isEqualTo("integer");
		for (String status : new String[] { "400", "409", "422" }) {
			JsonNode schema = charge.at("/responses/" + status + "/content/application~1problem+json/schema");
			assertThat(schema.at("/type").asString()).isEqualTo("object");
			assertThat(schema.at("/properties/code/type").asString()).isEqualTo("string");
			assertThat(schema.at("/properties/type/format").asString()).isEqualTo("uri");
		}
	}

	@Test
	void headerIsOptionalWhereTheKeyIs() throws Exception {
		assertThat(handler("/optional", "patch").at("/parameters/0/required").asBoolean(true)).isFalse();
	}

	@Test
	void keyOfTheApplicationsOwnHasNoHeader() throws Exception {
		JsonNode own = handler("/own", "post");

		assertThat(own.has("parameters")).isFalse();
		assertThat(own.get("responses").propertyNames()).contains("400", "409", "422");
	}

	@ParameterizedTest
	@ValueSource(strings = { "get", "delete" })
	void methodThatCannotBeGuardedStaysAsItIs(String method) throws Exception {
		assertUntouched(handler("/charges", method));
	}

	@Test
	void handlerThatIsNotGuardedStaysAsItIs() throws Exception {
		assertUntouched(handler("/plain", "post"));
	}

	private static void assertUntouched(JsonNode handler) {
		assertThat(handler.has("parameters")).isFalse();
		assertThat(handler.get("responses").propertyNames()).containsExactly("200");
		assertThat(handler.at("/responses/200").has("headers")).isFalse();
	}

	@Test
	void headerIsNotRequiredWhereOneHandlerHasSeveralMethods() throws Exception {
		assertThat(handler("/several", "put").at("/parameters/0/required").asBoolean(true)).isFalse();
		assertThat(handler("/several", "post").at("/parameters/0/required").asBoolean(true)).isFalse();
	}

	@Test
	void whatTheApplicationDescribesStays() throws Exception {
		JsonNode described = handler("/described", "post");

		assertThat(described.get("parameters")).hasSize(1);
		assertThat(described.at("/parameters/0/name").asString()).isEqualTo("idempotency-key");
		assertThat(described.at("/responses/409/description").asString()).isEqualTo("Sold out");
		assertThat(described.get("responses").propertyNames()).contains("201", "400", "422");
		assertThat(described.at("/responses/201/headers").has("Idempotent-Replayed")).isTrue();
	}

	private JsonNode handler(String path, String method) throws Exception {
		return get("/v3/api-docs").at("/paths/" + path.replace("/", "~1") + "/" + method);
	}

	private JsonNode get(String path) throws IOException, InterruptedException {
		URI address = URI
			.create("http://localhost:" + this.application.getEnvironment().getProperty("local.server.port") + path);
		HttpResponse<String> response = this.client.send(HttpRequest.newBuilder(address).build(),
				HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return JsonMapper.shared().readTree(response.body());
	}

	@RestController
	@Configuration(proxyBeanMethods = false)
	@Import(Charges.class)
	@ImportAutoConfiguration({ TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
			WebMvcAutoConfiguration.class, HttpMessageConvertersAutoConfiguration.class, JacksonAutoConfiguration.class,
			IdempotencyAutoConfiguration.class, IdempotencyWebAutoConfiguration.class,
			IdempotencyWebMvcAutoConfiguration.class, IdempotencyOpenApiAutoConfiguration.class,
			SpringDocConfigProperties.class, SpringDocConfiguration.class, SpringDocWebMvcConfiguration.class,
			MultipleOpenApiSupportConfiguration.class })
	static class Payments {

		@Bean
		GroupedOpenApi payments() {
			return GroupedOpenApi.builder().group("payments").pathsToMatch("/**").build();
		}

		@Idempotent(operation = "charge")
		@PostMapping("/charges")
		String charge(@RequestBody String amount) {
			return amount;
		}

		@GetMapping("/charges")
		@Idempotent(operation = "list")
		String list() {
			return "";
		}

		@Idempotent(operation = "optional")
		@PatchMapping("/optional")
		String optional(@RequestBody String amount) {
			return amount;
		}

		@Idempotent(operation = "own", key = "#order")
		@PostMapping("/own")
		String own(@RequestBody String order) {
			return order;
		}

		@PostMapping("/plain")
		String plain(@RequestBody String order) {
			return order;
		}

		@Idempotent(operation = "several")
		@RequestMapping(path = "/several", method = { RequestMethod.POST, RequestMethod.PUT })
		String several(@RequestBody String order) {
			return order;
		}

		@Idempotent(operation = "described")
		@PostMapping("/described")
		@ApiResponse(responseCode = "201", description = "Sold")
		@ApiResponse(responseCode = "409", description = "Sold out")
		String described(@RequestHeader("idempotency-key") String key) {
			return key;
		}

	}

	/**
	 * Guarded as a whole, so that handlers of other methods may be among them.
	 */
	@Idempotent
	@RestController
	static class Charges {

		@DeleteMapping("/charges")
		String delete() {
			return "";
		}

	}

}
