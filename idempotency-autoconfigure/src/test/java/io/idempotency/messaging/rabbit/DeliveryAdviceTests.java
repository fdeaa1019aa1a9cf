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

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import com.rabbitmq.client.Channel;
import io.idempotency.messaging.Delivery;
import org.junit.jupiter.api.Test;

import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.batch.MessageBatch;
import org.springframework.amqp.rabbit.batch.SimpleBatchingStrategy;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.aop.framework.ProxyFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DeliveryAdvice} with containers that settle nothing, and a channel
 * without a broker.
 */
class DeliveryAdviceTests {

	private final RecordingChannel channel = new RecordingChannel();

	private final SimpleMessageListenerContainer container = new SimpleMessageListenerContainer();

	DeliveryAdviceTests() {
		this.container.setAcknowledgeMode(AcknowledgeMode.MANUAL);
	}

	@Test
	void batchThatIsTakenApartIsAcknowledgedWithItsLastMessage() throws Exception {
		Invoker container = container((channel, delivered) -> skip());
		List<Message> parts = parts("a", "b", "c");

		container.invoke(this.channel.channel(), parts.get(0));
		container.invoke(this.channel.channel(), parts.get(1));
		assertThat(this.channel.calls()).isEmpty();
		container.invoke(this.channel.channel(), parts.get(2));

		assertThat(this.channel.calls()).containsExactly("basicAck[7, false]");
	}

	@Test
	void messageThatWasOnceInABatchIsAcknowledgedByItself() throws Exception {
		Invoker container = container((channel, delivered) -> skip());

		container.invoke(this.channel.channel(),
				MessageBuilder.withBody("a".getBytes()).setHeader("amqp_batchSize", 3).setDeliveryTag(8L).build());

		assertThat(this.channel.calls()).containsExactly("basicAck[8, false]");
	}

	private Invoker container(Invoker listener) {
		ProxyFactory factory = new ProxyFactory();
		factory.setInterfaces(Invoker.class);
		factory.setTarget(listener);
		factory.addAdvice(new DeliveryAdvice(this.container));
		return (Invoker) factory.getProxy();
	}

	private static void skip() throws IOException {
		assertThat(Delivery.current()).isInstanceOf(RabbitDelivery.class);
		((RabbitDelivery) Objects.requireNonNull(Delivery.current())).skipped(new Object[0]);
	}

	private static List<Message> parts(String... values) {
		SimpleBatchingStrategy strategy = new SimpleBatchingStrategy(values.length, Integer.MAX_VALUE, 0);
		MessageBatch batch = null;
		for (String value : values) {
			batch = strategy.addToBatch("", "orders",
					MessageBuilder.withBody(value.getBytes()).setMessageId("m-1").setDeliveryTag(7L).build());
		}
		List<Message> parts = new ArrayList<>();
		strategy.deBatch(Objects.requireNonNull(batch).getMessage(), parts::add);
		return parts;
	}

	interface Invoker {

		void invoke(Channel channel, Object delivered) throws Exception;

	}

}
