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
import java.util.Map;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyRabbitAutoConfiguration;
import io.idempotency.messaging.ListenerContract;
import io.idempotency.messaging.ListenerWork;
import io.idempotency.test.servers.RabbitServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.config.ContainerCustomizer;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.api.RabbitListenerErrorHandler;
import org.springframework.amqp.rabbit.retry.MessageRecoverer;
import org.springframework.amqp.support.AmqpHeaders;
import org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.SendTo;

/**
 * The contract for listeners of AMQP 0-9-1, with the retries that Spring Boot sets up.
 */
abstract class RabbitListenerContract extends ListenerContract {

	private String queue = "";

	/**
	 * Return the broker.
	 * @return the running broker
	 */
	protected abstract RabbitServer server();

	/**
	 * Return the arguments with which the queue is declared.
	 * @return the arguments
	 */
	protected Map<String, Object> queueArguments() {
		return Map.of();
	}

	/**
	 * Return the kind of container.
	 * @return simple or direct
	 */
	protected String container() {
		return "simple";
	}

	@BeforeEach
	void declareQueue() throws Exception {
		this.queue = RabbitServer.newName("contract");
		try (Connection connection = server().connect(); Channel channel = connection.createChannel()) {
			channel.queueDeclare(this.queue, true, false, false, queueArguments());
		}
	}

	@Override
	protected Setup setup(Listener listener) {
		List<String> properties = new ArrayList<>(List.of("spring.rabbitmq.host=" + server().host(),
				"spring.rabbitmq.port=" + server().port(), "spring.rabbitmq.username=" + server().user(),
				"spring.rabbitmq.password=" + server().password(), "test.queue=" + this.queue,
				"spring.rabbitmq.listener.type=" + container()));
		properties.addAll(retries(ATTEMPTS));
		return switch (listener) {
			case GUARDED -> new Setup(List.of(Broker.class, GuardedListener.class, DeadLetters.class), properties);
			case ANSWERING -> new Setup(
					List.of(Broker.class, AnsweringListener.class, Refusing.class, DeadLetters.class), properties);
			case UNGUARDED -> new Setup(List.of(Broker.class, UnguardedListener.class, DeadLetters.class), properties);
			case CONCURRENT -> {
				properties.add("test.concurrency=4");
				yield new Setup(List.of(Broker.class, GuardedListener.class, DeadLetters.class), properties);
			}
			case MANUAL -> {
				properties.add("spring.rabbitmq.listener." + container() + ".acknowledge-mode=manual");
				yield new Setup(List.of(Broker.class, ManualListener.class), properties);
			}
		};
	}

	private List<String> retries(int attempts) {
		String retry = "spring.rabbitmq.listener." + container() + ".retry.";
		return List.of(retry + "enabled=true", retry + "initial-interval=1ms", retry + "max-retries=" + (attempts - 1));
	}

	@Override
	protected void send(@Nullable String key, @Nullable String id, String value) {
		MessageBuilder message = MessageBuilder.withBody(value.getBytes());
		message.setContentType("text/plain");
		if (key != null) {
			message.setHeader("Idempotency-Key", key);
		}
		if (id != null) {
			message.setMessageId(id);
		}
		bean(RabbitTemplate.class).send(this.queue, message.build());
	}

	@Override
	protected void stopContainer() {
		bean(RabbitListenerEndpointRegistry.class).getListenerContainer("listener").stop();
	}

	@Override
	protected void startContainer() {
		bean(RabbitListenerEndpointRegistry.class).getListenerContainer("listener").start();
	}

	@Override
	protected int left() {
		return left(this.queue);
	}

	int left(String queue) {
		try (Connection connection = server().connect(); Channel channel = connection.createChannel()) {
			return (int) channel.messageCount(queue);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ IdempotencyRabbitAutoConfiguration.class, RabbitAutoConfiguration.class })
	static class Broker {

		/** A container that is told to stop notices it after this time. */
		@Bean
		ContainerCustomizer<SimpleMessageListenerContainer> noticingStops() {
			return (container) -> container.setReceiveTimeout(50);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DeadLetters {

		@Bean
		MessageRecoverer recoverer(ListenerWork work) {
			return (message, cause) -> work.deadLetter(new String(message.getBody()));
		}

	}

	static class GuardedListener {

		private final ListenerWork work;

		GuardedListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent(operation = OPERATION)
		@RabbitListener(id = "listener", queues = "${test.queue}", concurrency = "${test.concurrency:1}")
		public void on(String value) {
			this.work.handle(value);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Refusing {

		/** Takes whatever it sees for a failure of the message. */
		@Bean
		RabbitListenerErrorHandler refusing(ListenerWork work) {
			return (message, channel, converted, failure) -> {
				work.deadLetter(new String(message.getBody()));
				throw failure;
			};
		}

	}

	static class AnsweringListener {

		private final ListenerWork work;

		AnsweringListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent(operation = OPERATION)
		@RabbitListener(id = "listener", queues = "${test.queue}", errorHandler = "refusing")
		@SendTo("replies")
		public int on(String value) {
			this.work.handle(value);
			return 1;
		}

	}

	static class UnguardedListener {

		private final ListenerWork work;

		UnguardedListener(ListenerWork work) {
			this.work = work;
		}

		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(String value) {
			this.work.handle(value);
		}

	}

	static class ManualListener {

		private final ListenerWork work;

		ManualListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent(operation = OPERATION)
		@RabbitListener(id = "listener", queues = "${test.queue}")
		public void on(Message message, Channel channel, @Header(AmqpHeaders.DELIVERY_TAG) long tag)
				throws IOException {
			if (this.work.fails(new String(message.getBody()))) {
				channel.basicNack(tag, false, true);
			}
			else {
				channel.basicAck(tag, false);
			}
		}

	}

}
