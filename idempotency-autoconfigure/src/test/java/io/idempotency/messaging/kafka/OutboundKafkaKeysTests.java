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

package io.idempotency.messaging.kafka;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.idempotency.Idempotency;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.key.Canonicalizer;
import io.idempotency.messaging.OutboundMessageKeys;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link OutboundKafkaKeys}.
 */
class OutboundKafkaKeysTests {

	private final MockProducer<String, String> sent = new MockProducer<>(true, null, new StringSerializer(),
			new StringSerializer());

	private final Producer<String, String> producer = new OutboundKafkaKeys<String, String>(
			new OutboundMessageKeys("Idempotency-Key", new Canonicalizer()))
		.apply(this.sent);

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
				JacksonAutoConfiguration.class))
		.withPropertyValues("idempotency.store=memory");

	@Test
	void recordOfAnotherTypeOnTheNextAttemptHasAnotherKey() {
		List<String> keys = keysOfTwoAttempts("__TypeId__", "OrderAccepted", "OrderCancelled");

		assertThat(keys).doesNotHaveDuplicates().hasSize(2);
	}

	@Test
	void recordOfTheSameTypeHasTheSameKeyOnTheNextAttempt() {
		List<String> keys = keysOfTwoAttempts("__TypeId__", "OrderAccepted", "OrderAccepted");

		assertThat(keys.get(1)).isEqualTo(keys.get(0));
	}

	@Test
	void whatTheOtherHeadersSayHasNoPartInTheKey() {
		List<String> trace = keysOfTwoAttempts("trace", "1", "2");
		List<String> mapped = keysOfTwoAttempts("spring_json_header_types", "{}",
				"{\"attempt\":\"java.lang.Integer\"}");

		assertThat(trace.get(1)).isEqualTo(trace.get(0));
		assertThat(mapped.get(1)).isEqualTo(mapped.get(0));
	}

	@Test
	void headersOfWhatNoGuardedWorkSendsAreNotRead() {
		OutboundMessageKeys keys = new OutboundMessageKeys("Idempotency-Key", new Canonicalizer());

		String key = keys.keyFor(null, "a", () -> {
			throw new IllegalStateException("not to be asked");
		}, "orders");

		assertThat(key).isNull();
	}

	private List<String> keysOfTwoAttempts(String header, String first, String second) {
		this.sent.clear();
		this.runner.run((context) -> {
			Idempotency idempotency = context.getBean(Idempotency.class);
			assertThatIllegalStateException().isThrownBy(() -> idempotency.call("work", "k-1").run(() -> {
				send(header, first);
				throw new IllegalStateException("on purpose");
			}));
			idempotency.call("work", "k-1").run(() -> send(header, second));
		});
		return this.sent.history()
			.stream()
			.map((record) -> record.headers().lastHeader("Idempotency-Key").value())
			.map((key) -> new String(key, StandardCharsets.UTF_8))
			.toList();
	}

	private void send(String header, String value) {
		ProducerRecord<String, String> record = new ProducerRecord<>("orders", "o-1", "a");
		record.headers().add(header, value.getBytes(StandardCharsets.UTF_8));
		this.producer.send(record);
	}

}
