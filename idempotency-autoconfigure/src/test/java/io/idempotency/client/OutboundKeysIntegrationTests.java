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

package io.idempotency.client;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.idempotency.DurableSteps;
import io.idempotency.Idempotency;
import io.idempotency.IdempotencyContext;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyClientAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRedirectAutoConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.service.HttpServiceClientPropertiesAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestTemplateAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.service.HttpServiceClientAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.registry.ImportHttpServices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The keys that requests carry to a real server, by every kind of client that Spring Boot
 * builds.
 */
@ExtendWith(OutputCaptureExtension.class)
class OutboundKeysIntegrationTests {

	private static final String KEY = "\"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\"";

	private static final Duration LIMIT = Duration.ofSeconds(20);

	private final RecordingServer server = new RecordingServer();

	private final ApplicationContextRunner application = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(IdempotencyAutoConfiguration.class, IdempotencyClientAutoConfiguration.class,
						IdempotencyRedirectAutoConfiguration.class, JacksonAutoConfiguration.class,
						HttpClientAutoConfiguration.class, ImperativeHttpClientAutoConfiguration.class,
						ReactiveHttpClientAutoConfiguration.class, RestClientAutoConfiguration.class,
						RestTemplateAutoConfiguration.class, WebClientAutoConfiguration.class,
						HttpServiceClientPropertiesAutoConfiguration.class, HttpServiceClientAutoConfiguration.class))
		.withPropertyValues("idempotency.store=memory", "idempotency.client.hosts=localhost",
				"spring.http.clients.imperative.factory=jdk", "spring.http.clients.reactive.connector=jdk");

	@AfterEach
	void stop() {
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource
	void retryOfFailedWorkSendsTheSameKey(HttpClientKind kind) {
		this.application.run((context) -> {
			HttpClientKind.Client client = kind.from(context);

			assertThatIllegalStateException().isThrownBy(() -> pay(context, "k-1", () -> {
				client.post(this.server.uri("/charges"));
				throw new IllegalStateException("after the charge");
			}));
			pay(context, "k-1", () -> client.post(this.server.uri("/charges")));

			assertThat(this.server.keys("/charges")).hasSize(2).allMatch((key) -> key.matches(KEY));
			assertThat(this.server.keys("/charges")).containsOnly(this.server.keys("/charges").get(0));
		});
	}

	@ParameterizedTest
	@EnumSource
	void eachKeyOperationScopeAndPathHasItsOwn(HttpClientKind kind) {
		this.application.run((context) -> {
			HttpClientKind.Client client = kind.from(context);
			Idempotency idempotency = context.getBean(Idempotency.class);

			pay(context, "k-1", () -> {
				client.post(this.server.uri("/charges"));
				client.post(this.server.uri("/mails"));
			});
			pay(context, "k-2", () -> client.post(this.server.uri("/charges")));
			idempotency.call("pay", "k-1").scope("tenant").run(() -> client.post(this.server.uri("/charges")));
			idempotency.call("book", "k-1").run(() -> client.post(this.server.uri("/charges")));

			assertThat(this.server.received()).hasSize(5)
				.extracting(RecordingServer.Received::key)
				.allMatch((key) -> key.matches(KEY))
				.doesNotHaveDuplicates();
		});
	}

	@ParameterizedTest
	@EnumSource
	void secondCallWithoutANameIsRefusedBeforeItIsSent(HttpClientKind kind) {
		this.application.run((context) -> {
			HttpClientKind.Client client = kind.from(context);

			assertThatIllegalStateException().isThrownBy(() -> pay(context, "secret-key", () -> {
				client.post(this.server.uri("/charges?item=1"));
				client.post(this.server.uri("/charges?item=2"));
			}))
				.withMessageContaining("Operation 'pay'")
				.withMessageContaining("second call with the same method and path to localhost:" + this.server.port())
				.withMessageContaining("OutboundName.of")
				.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret-key", "/charges", "item"));

			assertThat(this.server.keys("/charges")).hasSize(1);
		});
	}

	@ParameterizedTest
	@EnumSource
	void stepHasAKeyOfItsOwnAndTheSameWheneverItIsTriedAgain(HttpClientKind kind) {
		this.application.run((context) -> {
			HttpClientKind.Client client = kind.from(context);

			assertThatIllegalStateException().isThrownBy(() -> pay(context, "k-1", () -> {
				steps().run("one", () -> client.post(this.server.uri("/charges")));
				steps().step("two").retry(1, Duration.ofMillis(1)).run(() -> {
					client.post(this.server.uri("/charges"));
					throw new IllegalStateException("down");
				});
			})).withMessage("down");
			pay(context, "k-1", () -> {
				steps().run("one", () -> client.post(this.server.uri("/charges")));
				steps().run("two", () -> client.post(this.server.uri("/charges")));
			});

			List<String> keys = this.server.keys("/charges");
			assertThat(keys).hasSize(4);
			assertThat(keys.subList(1, 4)).containsOnly(keys.get(1)).doesNotContain(keys.get(0));
		});
	}

	@ParameterizedTest
	@EnumSource
	void namesTellCallsApart(HttpClientKind kind) {
		this.application.run((context) -> {
			HttpClientKind.Client client = kind.from(context);

			for (int attempt = 1; attempt <= 2; attempt++) {
				boolean fails = attempt == 1;
				try {
					pay(context, "k-1", () -> {
						client.post(this.server.uri("/charges"));
						client.post(this.server.uri("/charges"), "refund");
						client.post(this.server.uri("/charges"), "item-7");
						client.post(this.server.uri("/charges"), "item-7");
						assertThat(fails).isFalse();
					});
				}
				catch (AssertionError ex) {
					assertThat(fails).isTrue();
				}
			}

			List<String> keys = this.server.keys("/charges");
			assertThat(keys).hasSize(8);
			assertThat(keys.subList(0, 3)).doesNotHaveDuplicates();
			assertThat(keys.get(3)).isEqualTo(keys.get(2));
			assertThat(keys.subList(4, 8)).isEqualTo(keys.subList(0, 4));
		});
	}

	@ParameterizedTest
	@EnumSource
	void whatGetsNoKeyIsSentAsItIs(HttpClientKind kind, CapturedOutput output) {
		this.application.run((context) -> {
			HttpClientKind.Client client = kind.from(context);

			client.post(this.server.uri("/unguarded"));
			pay(context, "k-1", () -> {
				client.get(this.server.uri("/safe"));
				client.get(this.server.uri("/safe"));
				client.post(this.server.foreign("/foreign"));
				client.post(this.server.foreign("/foreign"), "name");
				client.post(this.server.foreign("/foreign"), "other-name");
				client.postWithKey(this.server.uri("/own"), "my-own");
				client.postWithKey(this.server.uri("/own"), "my-own");
			});

			assertThat(this.server.keys("/unguarded")).containsOnly("none").hasSize(1);
			assertThat(this.server.keys("/safe")).containsOnly("none").hasSize(2);
			assertThat(this.server.keys("/foreign")).containsOnly("none").hasSize(3);
			assertThat(this.server.keys("/own")).containsExactly("my-own", "my-own");
			assertThat(output).containsOnlyOnce("has a name, but gets no key");
		});
	}

	@ParameterizedTest
	@EnumSource
	void withoutHostsNothingIsSent(HttpClientKind kind) {
		this.application.withPropertyValues("idempotency.client.hosts=").run((context) -> {
			HttpClientKind.Client client = kind.from(context);

			pay(context, "k-1", () -> {
				client.post(this.server.uri("/charges"));
				client.post(this.server.uri("/charges"));
			});

			assertThat(this.server.keys("/charges")).containsExactly("none", "none");
		});
	}

	@ParameterizedTest
	@EnumSource
	void redirectToAForeignHostCarriesNoKey(HttpClientKind kind) {
		this.application.run((context) -> redirect(context, kind));
	}

	@ParameterizedTest
	@CsvSource({ "jetty, reactor", "reactor, reactor", "simple, jdk" })
	void redirectCarriesNoKeyByOtherLibraries(String imperative, String reactive) {
		this.application
			.withPropertyValues("spring.http.clients.imperative.factory=" + imperative,
					"spring.http.clients.reactive.connector=" + reactive)
			.run((context) -> {
				redirect(context, HttpClientKind.REST_CLIENT);
				redirect(context, HttpClientKind.WEB_CLIENT);
			});
	}

	private void redirect(ApplicationContext context, HttpClientKind kind) {
		HttpClientKind.Client client = kind.from(context);
		String path = "/" + kind;
		this.server.answer(path, 307, this.server.foreign(path + "/foreign"));
		this.server.answer(path + "/here", 308, path + "/there");
		this.server.answer(path + "/see", 303, path + "/seen");

		pay(context, "k-" + kind, () -> {
			client.post(this.server.uri(path));
			client.post(this.server.uri(path + "/here"));
			client.post(this.server.uri(path + "/see"));
			client.postWithKey(this.server.uri(path + "/own"), "my-own");
		});

		assertThat(this.server.keys(path)).singleElement().asString().matches(KEY);
		assertThat(this.server.keys(path + "/foreign")).containsExactly("none");
		assertThat(this.server.keys(path + "/there")).isEqualTo(this.server.keys(path + "/here")).hasSize(1);
		assertThat(this.server.keys(path + "/seen")).containsExactly("none");
		assertThat(this.server.received()).filteredOn((request) -> request.path().equals(path + "/foreign"))
			.singleElement()
			.matches((request) -> request.method().equals("POST") && request.body().equals("x")
					&& request.host().startsWith("127.0.0.1"));
		assertThat(this.server.received()).filteredOn((request) -> request.path().equals(path + "/seen"))
			.singleElement()
			.matches((request) -> request.method().equals("GET") && request.body().isEmpty());
	}

	@ParameterizedTest
	@EnumSource
	void whereRedirectsAreNotFollowedTheyAreNotFollowed(HttpClientKind kind) {
		this.application.withPropertyValues("spring.http.clients.redirects=dont-follow").run((context) -> {
			this.server.answer("/charges", 307, this.server.foreign("/foreign"));

			pay(context, "k-1", () -> kind.from(context).post(this.server.uri("/charges")));

			assertThat(this.server.received()).hasSize(1);
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void interceptorThatRepeatsTheRequestRepeatsTheCall(boolean outside) {
		ClientHttpRequestInterceptor twice = (request, body, execution) -> {
			execution.execute(request, body).close();
			return execution.execute(request, body);
		};
		this.application.run((context) -> {
			RestClient client = context.getBean(RestClient.Builder.class)
				.requestInterceptors((all) -> all.add(outside ? 0 : all.size(), twice))
				.build();

			pay(context, "k-1", () -> client.post().uri(this.server.uri("/charges")).retrieve().toBodilessEntity());

			assertThat(this.server.keys("/charges")).hasSize(2).containsOnly(this.server.keys("/charges").get(0));
			assertThat(this.server.keys("/charges").get(0)).matches(KEY);
		});
	}

	@Test
	void operatorThatRepeatsTheRequestRepeatsTheCall() {
		this.application.run((context) -> {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			this.server.answer("/charges", 503);

			pay(context, "k-1",
					() -> client.post()
						.uri(this.server.uri("/charges"))
						.retrieve()
						.toBodilessEntity()
						.subscribeOn(Schedulers.boundedElastic())
						.retry(1)
						.block(LIMIT));

			assertThat(this.server.keys("/charges")).hasSize(2).containsOnly(this.server.keys("/charges").get(0));
			assertThat(this.server.keys("/charges").get(0)).matches(KEY);
		});
	}

	@Test
	void reactorsContextSaysWhoseRequestItIs() {
		this.application.run((context) -> {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			Mono<?> request = client.post().uri(this.server.uri("/charges")).retrieve().toBodilessEntity();

			pay(context, "k-1", () -> {
				IdempotencyContext run = IdempotencyContext.current().orElseThrow();
				CompletableFuture
					.runAsync(() -> request.contextWrite((reactor) -> reactor.put(IdempotencyContext.class, run))
						.block(LIMIT))
					.join();
			});
			pay(context, "k-2", () -> CompletableFuture.runAsync(() -> request.block(LIMIT)).join());

			assertThat(this.server.keys("/charges")).hasSize(2);
			assertThat(this.server.keys("/charges").get(0)).matches(KEY);
			assertThat(this.server.keys("/charges").get(1)).isEqualTo("none");
		});
	}

	@Test
	void clientsThatAreBuiltByHandTakeTheBeans() {
		this.application.run((context) -> {
			RestClient rest = RestClient.builder()
				.requestInterceptor(context.getBean(OutboundKeyInterceptor.class))
				.build();
			WebClient web = WebClient.builder().apply(context.getBean(OutboundKeyFilter.class)::applyTo).build();

			pay(context, "k-1", () -> {
				rest.post().uri(this.server.uri("/rest")).retrieve().toBodilessEntity();
				web.post().uri(this.server.uri("/web")).retrieve().toBodilessEntity().block(LIMIT);
			});

			assertThat(this.server.keys("/rest").get(0)).matches(KEY);
			assertThat(this.server.keys("/web").get(0)).matches(KEY);
		});
	}

	@Test
	void groupsOfHttpServicesNameTheirCalls() {
		this.application.withUserConfiguration(Group.class)
			.withPropertyValues("spring.http.serviceclient.gateway.base-url=" + this.server.uri(""))
			.run((context) -> {
				Gateway gateway = context.getBean(Gateway.class);

				pay(context, "k-1", () -> {
					gateway.reset();
					gateway.resetAgain();
				});

				assertThat(this.server.keys("/reset")).hasSize(2)
					.doesNotHaveDuplicates()
					.allMatch((key) -> key.matches(KEY));
			});
	}

	@Test
	void nameIsTakenAsTheValueOfTheAttribute() {
		this.application.run((context) -> {
			RestClient client = context.getBean(RestClient.Builder.class).build();

			pay(context, "k-1", () -> {
				for (Object name : List.of("refund", OutboundName.of("refund"), OutboundName.of("other"))) {
					client.post()
						.uri(this.server.uri("/charges"))
						.attribute(OutboundName.ATTRIBUTE, name)
						.retrieve()
						.toBodilessEntity();
				}
			});

			List<String> keys = this.server.keys("/charges");
			assertThat(keys).hasSize(3).allMatch((key) -> key.matches(KEY));
			assertThat(keys.get(1)).isEqualTo(keys.get(0));
			assertThat(keys.get(2)).isNotEqualTo(keys.get(0));
		});
	}

	@Test
	void warningsAboutUnknownHostsComeToAnEnd(CapturedOutput output) {
		this.application.run((context) -> {
			OutboundKeys keys = context.getBean(OutboundKeys.class);

			pay(context, "k-1", () -> {
				for (int i = 0; i < 1000; i++) {
					String key = keys.value(HttpMethod.POST, URI.create("http://host-" + i + ".example/"),
							Map.of(OutboundName.ATTRIBUTE, "refund"), new Call(),
							IdempotencyContext.current().orElseThrow());
					assertThat(key).isNull();
				}
			});

			assertThat(output.getOut().lines().filter((line) -> line.contains("has a name, but gets no key")))
				.hasSize(100);
		});
	}

	@Test
	void headerSyntaxAndSecretAreSettings() {
		String[] sent = new String[2];
		for (int i = 0; i < sent.length; i++) {
			int number = i;
			this.application
				.withPropertyValues("idempotency.client.key-syntax=raw", "idempotency.client.secret=s-" + number)
				.run((context) -> pay(context, "k-1",
						() -> HttpClientKind.REST_CLIENT.from(context).post(this.server.uri("/charges/" + number))));
			sent[i] = this.server.keys("/charges/" + number).get(0);
		}
		this.application.withPropertyValues("idempotency.client.header=X-Request-Id")
			.run((context) -> pay(context, "k-1",
					() -> HttpClientKind.REST_CLIENT.from(context).post(this.server.uri("/other"))));

		assertThat(sent).doesNotHaveDuplicates().allMatch((key) -> ('"' + key + '"').matches(KEY));
		assertThat(this.server.keys("/other")).containsExactly("none");
	}

	@ParameterizedTest
	@CsvSource({ "hosts, https://api.example.com, without scheme and path", "header, a b, is no name of a header",
			"secret, ' ', must not be blank" })
	void unusableSettingsFailTheStart(String property, String value, String reason) {
		this.application.withPropertyValues("idempotency.client." + property + "=" + value)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("idempotency.client." + property)
				.hasMessageContaining(reason));
	}

	@Test
	void nothingIsThereWhereTheLibraryIsOff() {
		this.application.withPropertyValues("idempotency.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(OutboundKeys.class));
	}

	private static DurableSteps steps() {
		return IdempotencyContext.current().orElseThrow().steps();
	}

	private static void pay(ApplicationContext context, String key, Runnable work) {
		context.getBean(Idempotency.class).call("pay", key).run(work::run);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportHttpServices(group = "gateway", types = Gateway.class)
	static class Group {

	}

	/**
	 * Without parameters, so that only the method itself can tell the name.
	 */
	interface Gateway {

		@OutboundCall("first")
		@PostExchange("/reset")
		void reset();

		@OutboundCall("second")
		@PostExchange("/reset")
		void resetAgain();

	}

}
