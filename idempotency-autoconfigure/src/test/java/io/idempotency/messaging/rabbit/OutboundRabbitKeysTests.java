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

package io.idempotency.messaging.rabbit;

import java.util.ArrayList;
import java.util.List;

import io.idempotency.Idempotency;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.key.Canonicalizer;
import io.idempotency.messaging.OutboundMessageKeys;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.support.AmqpHeaders;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link OutboundRabbitKeys}.
 */
class OutboundRabbitKeysTests {

	private final OutboundRabbitKeys outbound = new OutboundRabbitKeys(
			new OutboundMessageKeys("Idempotency-Key", new Canonicalizer()));

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
				JacksonAutoConfiguration.class))
		.withPropertyValues("idempotency.store=memory");

	@Test
	void messagesSentWithThePropertiesOfAPartOfABatchHaveTheirOwnKeys() {
		MessageProperties part = new MessageProperties();
		part.setMessageId("m-1");
		part.setHeader(AmqpHeaders.BATCH_SIZE, 3);
		part.setHeader(BatchParts.PLACE, 2);
		List<RabbitMessage> received = new ArrayList<>();

		this.runner.run((context) -> context.getBean(Idempotency.class).call("work", "k-1").run(() -> {
			received.add(received(send(new Message("invoice".getBytes(), part))));
			received.add(received(send(new Message("shipment".getBytes(), part))));
		}));

		assertThat(received).extracting((message) -> message.header("Idempotency-Key"))
			.doesNotContainNull()
			.doesNotHaveDuplicates()
			.hasSize(2);
		assertThat(part.getHeaders()).containsEntry(BatchParts.PLACE, 2).containsEntry(AmqpHeaders.BATCH_SIZE, 3);
	}

	@Test
	void messageOfAnotherTypeOnTheNextAttemptHasAnotherKey() {
		this.runner.run((context) -> {
			Idempotency idempotency = context.getBean(Idempotency.class);
			List<@Nullable String> keys = new ArrayList<>();
			assertThatIllegalStateException().isThrownBy(() -> idempotency.call("work", "k-1").run(() -> {
				keys.addAll(keys("OrderAccepted"));
				throw new IllegalStateException("on purpose");
			}));

			idempotency.call("work", "k-1").run(() -> keys.addAll(keys("OrderCancelled")));

			assertThat(keys).doesNotContainNull().doesNotHaveDuplicates().hasSize(6);
		});
	}

	@Test
	void messageOfTheSameTypeHasTheSameKeyOnTheNextAttempt() {
		this.runner.run((context) -> {
			Idempotency idempotency = context.getBean(Idempotency.class);
			List<@Nullable String> first = new ArrayList<>();
			assertThatIllegalStateException().isThrownBy(() -> idempotency.call("work", "k-1").run(() -> {
				first.addAll(keys("OrderAccepted"));
				throw new IllegalStateException("on purpose");
			}));
			List<@Nullable String> second = new ArrayList<>();

			idempotency.call("work", "k-1").run(() -> second.addAll(keys("OrderAccepted")));

			assertThat(second).doesNotContainNull().isEqualTo(first);
		});
	}

	private List<@Nullable String> keys(String type) {
		return List
			.of(MessageBuilder.withBody("a".getBytes()).setHeader("__TypeId__", type).build(),
					MessageBuilder.withBody("a".getBytes()).setHeader("ce_type", type).build(),
					MessageBuilder.withBody("a".getBytes()).setType(type).build())
			.stream()
			.map((each) -> send(each).getMessageProperties().<String>getHeader("Idempotency-Key"))
			.toList();
	}

	private Message send(Message message) {
		return this.outbound.postProcessMessage(message, null, "", "orders");
	}

	private static RabbitMessage received(Message sent) {
		MessageProperties properties = new MessageProperties();
		properties.setMessageId(sent.getMessageProperties().getMessageId());
		properties.setHeaders(sent.getMessageProperties().getHeaders());
		return new BatchParts().describe(new Message(sent.getBody(), properties));
	}

}
