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

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.store.IdempotencyStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class ReactiveHangUpIntegrationTests extends ReactiveClient {

	private static final int CLIENTS = 100;

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final Random random = new Random(7);

	private ReactiveHandlers handlers;

	@BeforeAll
	void start() {
		start(WithExchanges.class, Map.of());
		this.handlers = this.application.getBean(ReactiveHandlers.class);
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	@Test
	void workGoesOnWithoutItsClientsAndItsRetriesAreReplayed() throws Exception {
		this.handlers.closeGate();
		int before = this.handlers.runs("slow");
		Map<String, Socket> clients = new LinkedHashMap<>();
		for (int i = 0; i < CLIENTS; i++) {
			String key = key();
			clients.put(key, connect("/slow", key, ""));
		}
		await().atMost(PATIENCE).until(() -> this.handlers.runs("slow") == before + CLIENTS);

		for (Socket client : clients.values()) {
			hangUp(client);
		}
		assertThat(post("/slow", clients.keySet().iterator().next(), "").statusCode()).isEqualTo(409);
		this.handlers.openGate();

		for (String key : clients.keySet()) {
			HttpResponse<byte[]> answer = answer("/slow", key);
			assertThat(answer.statusCode()).isEqualTo(200);
			assertThat(answer.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		}
		assertThat(this.handlers.runs("slow")).isEqualTo(before + CLIENTS);
		assertNothingIsLeft();
	}

	@Test
	void clientsThatHangUpAtAnyTimeGetOneRunForEachKey() throws Exception {
		int before = this.handlers.runs("order");
		List<String> keys = new ArrayList<>();
		for (int i = 0; i < CLIENTS; i++) {
			String key = key();
			keys.add(key);
			try (Socket client = connect("/orders", key, "{}")) {
				readForAWhile(client);
			}
		}

		for (String key : keys) {
			assertThat(answer("/orders", key).statusCode()).isEqualTo(201);
		}
		assertThat(this.handlers.runs("order")).isEqualTo(before + CLIENTS);
		assertNothingIsLeft();
	}

	@Test
	void requestThatIsCutOffLeavesItsKeyFree() throws Exception {
		int before = this.handlers.runs("order");
		for (int i = 0; i < CLIENTS / 4; i++) {
			String key = key();
			byte[] request = bytes("/orders", key, "{\"n\":12345678}");
			try (Socket client = new Socket("localhost", this.port)) {
				client.getOutputStream().write(request, 0, request.length - 1 - this.random.nextInt(14));
				readForAWhile(client);
			}
			HttpResponse<byte[]> whole = post("/orders", key, "{}");
			assertThat(whole.statusCode()).isEqualTo(201);
			assertThat(whole.headers().firstValue("Idempotent-Replayed")).isEmpty();
		}
		assertThat(this.handlers.runs("order")).isEqualTo(before + CLIENTS / 4);
		assertNothingIsLeft();
	}

	@Test
	void endThatIsBeingRecordedIsCarriedOut() throws Exception {
		HeldEnds ends = this.application.getBean(HeldEnds.class);
		Exchanges exchanges = this.application.getBean(Exchanges.class);
		String key = key();
		int before = exchanges.hungUp.get();
		CountDownLatch gate = ends.hold();

		try (Socket client = connect("/orders", key, "{}")) {
			await().atMost(PATIENCE).until(() -> ends.begun.get() == 1);
		}
		await().atMost(PATIENCE).until(() -> exchanges.hungUp.get() > before);
		gate.countDown();

		HttpResponse<byte[]> answer = answer("/orders", key);
		assertThat(answer.statusCode()).isEqualTo(201);
		assertThat(answer.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(ends.interrupted).hasValue(0);
	}

	/** No thread, subscription or record holds on to a request. */
	private void assertNothingIsLeft() {
		Queue<WeakReference<ReactiveExchange>> exchanges = this.application.getBean(Exchanges.class).passed;
		assertThat(exchanges).hasSizeGreaterThanOrEqualTo(CLIENTS / 4);
		await().atMost(PATIENCE).untilAsserted(() -> {
			System.gc();
			assertThat(exchanges).filteredOn((exchange) -> exchange.get() != null).hasSizeLessThanOrEqualTo(2);
		});
	}

	private HttpResponse<byte[]> answer(String path, String key) {
		return await().atMost(PATIENCE)
			.until(() -> post(path, key, path.equals("/slow") ? "" : "{}"), (answer) -> answer.statusCode() != 409);
	}

	private Socket connect(String path, String key, String body) throws IOException {
		Socket client = new Socket("localhost", this.port);
		client.getOutputStream().write(bytes(path, key, body));
		return client;
	}

	/** By a reset, or by the end of the connection. */
	private void hangUp(Socket client) throws IOException {
		if (this.random.nextBoolean()) {
			client.setSoLinger(true, 0);
		}
		client.close();
	}

	private void readForAWhile(Socket client) throws IOException {
		client.setSoTimeout(1 + this.random.nextInt(40));
		try {
			assertThat(client.getInputStream().read()).isNotNegative();
		}
		catch (SocketTimeoutException ex) {
			// The answer was not there yet
		}
		hangUp(client);
	}

	private static byte[] bytes(String path, String key, String body) {
		return ("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: " + key
				+ "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
			.getBytes(StandardCharsets.US_ASCII);
	}

	@Configuration(proxyBeanMethods = false)
	@Import(ReactiveApplication.class)
	static class WithExchanges {

		@Bean
		static HeldEnds heldEnds() {
			return new HeldEnds();
		}

		@Bean
		Exchanges exchanges() {
			return new Exchanges();
		}

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		WebFilter hangUps(Exchanges exchanges) {
			return (exchange, chain) -> chain.filter(exchange).doFinally((end) -> {
				if (end == SignalType.CANCEL) {
					exchanges.hungUp.incrementAndGet();
				}
			});
		}

	}

	/** Lets a store wait before it records an outcome. */
	static class HeldEnds implements BeanPostProcessor {

		final AtomicInteger begun = new AtomicInteger();

		final AtomicInteger interrupted = new AtomicInteger();

		private volatile CountDownLatch gate = new CountDownLatch(0);

		CountDownLatch hold() {
			this.begun.set(0);
			this.gate = new CountDownLatch(1);
			return this.gate;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			if (!(bean instanceof IdempotencyStore store)) {
				return bean;
			}
			return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { IdempotencyStore.class },
					(proxy, method, arguments) -> {
						if (method.getName().equals("complete")) {
							pass();
						}
						return ReactiveApplication.StoreThreads.call(store, method, arguments);
					});
		}

		/** As a driver does, which gives up when its thread is interrupted. */
		private void pass() {
			this.begun.incrementAndGet();
			try {
				this.gate.await();
			}
			catch (InterruptedException ex) {
				this.interrupted.incrementAndGet();
				throw new IllegalStateException("Interrupted", ex);
			}
		}

	}

	/** Sees each request behind the idempotency filter. */
	static class Exchanges implements WebFilter {

		final Queue<WeakReference<ReactiveExchange>> passed = new ConcurrentLinkedQueue<>();

		final AtomicInteger hungUp = new AtomicInteger();

		@Override
		public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
			this.passed.add(new WeakReference<>(ReactiveExchange.of(exchange)));
			return chain.filter(exchange);
		}

	}

}
