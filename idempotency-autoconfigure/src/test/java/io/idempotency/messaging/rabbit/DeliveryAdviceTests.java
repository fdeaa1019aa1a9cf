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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import com.rabbitmq.client.Channel;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.PartialFailureException;
import io.idempotency.engine.BatchResult;
import io.idempotency.messaging.Delivery;
import io.idempotency.messaging.Recipient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.batch.MessageBatch;
import org.springframework.amqp.rabbit.batch.SimpleBatchingStrategy;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.transaction.RabbitTransactionManager;
import org.springframework.aop.framework.ProxyFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

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

	@ParameterizedTest
	@CsvSource({ "true, false", "false, false", "false, true" })
	void whatAFailedListenerDidNotGetIsGivenBack(boolean busy, boolean requeueing) {
		this.container.setDefaultRequeueRejected(requeueing);
		RuntimeException refusal = busy ? inProgress() : new IllegalArgumentException("refused");
		Invoker container = container((channel, delivered) -> failSecond(delivered, refusal));

		assertThatIllegalStateException()
			.isThrownBy(() -> container.invoke(this.channel.channel(), List.of(message(1), message(2))))
			.withMessage("on purpose");

		assertThat(this.channel.calls()).containsExactly("basicNack[1, false, " + (busy || requeueing) + "]");
	}

	@Test
	void failureOfTheListenerIsSeenThoughTheRestCannotBeGivenBack() {
		IOException broken = new IOException("the connection is gone");
		Invoker container = container((channel, delivered) -> {
			this.channel.fail(broken);
			failSecond(delivered, inProgress());
		});

		assertThatIllegalStateException()
			.isThrownBy(() -> container.invoke(this.channel.channel(), List.of(message(1), message(2))))
			.withMessage("on purpose")
			.satisfies((failure) -> assertThat(failure.getSuppressed()).containsExactly(broken));
	}

	@Test
	void whatAListenerSentOnATransactedChannelIsCommittedBeforeItsRecord() throws Exception {
		this.container.setChannelTransacted(true);
		Invoker container = container((channel, delivered) -> called());

		container.invoke(this.channel.channel(), message(1));

		assertThat(this.channel.calls()).containsExactly("txCommitnull");
	}

	@Test
	void whatAListenerSentInATransactionOfAManagerIsLeftToThat() throws Exception {
		this.container.setChannelTransacted(true);
		this.container.setTransactionManager(new RabbitTransactionManager());
		Invoker container = container((channel, delivered) -> called());

		container.invoke(this.channel.channel(), message(1));

		assertThat(this.channel.calls()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whatIsDoneOfABatchIsCommittedBeforeItsRecords(boolean broken) throws Exception {
		this.container.setChannelTransacted(true);
		List<BatchResult> results = new ArrayList<>();
		Invoker container = container((channel, delivered) -> {
			if (broken) {
				this.channel.fail(new IOException("on purpose"));
			}
			RabbitBatchDelivery batch = (RabbitBatchDelivery) Objects.requireNonNull(Delivery.current());
			assertThat(batch.messages()).hasSize(2);
			batch.narrowed(delivered, List.of(0, 1));
			results.addAll(batch.results(List.of(0, 1),
					new PartialFailureException(Map.of(1, new IllegalStateException("on purpose")))));
		});

		container.invoke(this.channel.channel(), List.of(message(1), message(2)));

		assertThat(results.get(0).failure() == null).isEqualTo(!broken);
		assertThat(results.get(1).failure()).isNotNull();
	}

	@Test
	void partThatIsSentOnByItselfKeepsItsPlace() throws Exception {
		List<Message> sentOn = new ArrayList<>();
		List<RabbitMessage> described = new ArrayList<>();
		BatchParts places = new BatchParts();
		Invoker container = container((channel, delivered) -> sentOn.add((Message) delivered));

		for (Message part : parts("a", "b", "a")) {
			container.invoke(this.channel.channel(), part);
		}
		for (Message each : sentOn) {
			MessageProperties received = new MessageProperties();
			received.setMessageId(each.getMessageProperties().getMessageId());
			received.setHeaders(each.getMessageProperties().getHeaders());
			described.add(places.describe(new Message(each.getBody(), received)));
		}

		assertThat(described).extracting(RabbitMessage::identity).containsExactly("m-1#1", "m-1#2", "m-1#3");
		assertThat(described).allMatch(RabbitMessage::endsDelivery);
	}

	@Test
	void partsOfABatchThatAListenerGetsTogetherHavePlacesOfTheirOwn() throws Exception {
		List<Object> places = new ArrayList<>();
		Invoker container = container((channel, delivered) -> ((List<?>) delivered)
			.forEach((part) -> places.add(((Message) part).getMessageProperties().getHeader(BatchParts.PLACE))));

		container.invoke(this.channel.channel(), parts("a", "b", "c"));

		assertThat(places).containsExactly(1, 2, 3);
	}

	@Test
	void partWithoutItsPlaceHasNoIdentity() {
		Message part = MessageBuilder.withBody("a".getBytes())
			.setMessageId("m-1")
			.setHeader("amqp_batchSize", 3)
			.build();

		assertThat(new BatchParts().describe(part).identity()).isNull();
	}

	@Test
	void whatAFailedListenerDidNotGetIsGivenBackThoughTheFailureIsRecovered() throws Exception {
		Invoker container = container((channel, delivered) -> {
			try {
				failSecond(delivered, inProgress());
			}
			catch (IllegalStateException ex) {
				// As after the last retry
			}
		});

		container.invoke(this.channel.channel(), List.of(message(1), message(2)));

		assertThat(this.channel.calls()).containsExactly("basicNack[1, false, true]");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void nothingIsSettledForAListenerThatIsNotGuarded(boolean fails) throws Exception {
		Invoker container = container((channel, delivered) -> {
			if (fails) {
				throw new IllegalStateException("on purpose");
			}
		});

		try {
			container.invoke(this.channel.channel(), List.of(message(1), message(2)));
		}
		catch (IllegalStateException ex) {
			assertThat(fails).isTrue();
		}

		assertThat(this.channel.calls()).isEmpty();
	}

	private Invoker container(Invoker listener) {
		ProxyFactory factory = new ProxyFactory();
		factory.setInterfaces(Invoker.class);
		factory.setTarget(listener);
		factory.addAdvice(new DeliveryAdvice(this.container, Recipient.of(Set.of())));
		return (Invoker) factory.getProxy();
	}

	private static void skip() throws IOException {
		assertThat(Delivery.current()).isInstanceOf(RabbitDelivery.class);
		((RabbitDelivery) Objects.requireNonNull(Delivery.current())).skipped(new Object[0]);
	}

	private static void called() throws Exception {
		((RabbitDelivery) Objects.requireNonNull(Delivery.current())).called(false);
	}

	private static void failSecond(Object delivered, RuntimeException refusal) throws IOException {
		RabbitBatchDelivery batch = (RabbitBatchDelivery) Objects.requireNonNull(Delivery.current());
		RuntimeException failure = new IllegalStateException("on purpose");
		assertThat(batch.messages()).hasSize(2);
		batch.narrowed(delivered, List.of(1));
		batch.results(List.of(1), failure);
		assertThat(batch.settle(List.of(refusal, failure), true, new Object[0])).isSameAs(failure);
		throw failure;
	}

	private static RuntimeException inProgress() {
		return new IdempotencyInProgressException("handle", "elsewhere", Duration.ZERO, Duration.ofSeconds(1));
	}

	private static Message message(long tag) {
		return MessageBuilder.withBody("a".getBytes()).setDeliveryTag(tag).build();
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
