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

package io.idempotency.messaging.jms;

import java.util.ArrayList;
import java.util.List;

import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyJmsAutoConfiguration;
import io.idempotency.messaging.ListenerContract;
import io.idempotency.messaging.ListenerWork;
import io.idempotency.test.servers.JmsServer;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.messaging.handler.annotation.SendTo;

/**
 * The contract for listeners of JMS, in the containers that Spring Boot sets up.
 */
abstract class JmsListenerContract extends ListenerContract {

	private final JmsServer server = JmsServer.shared();

	private String queue = "";

	/**
	 * Return what manual listeners settle their messages with.
	 * @return the listener and the properties of its container
	 */
	protected abstract Setup manual();

	@Override
	protected Setup setup(Listener listener) {
		this.queue = this.server.newQueue("contract");
		Setup own = switch (listener) {
			case GUARDED -> new Setup(List.of(GuardedListener.class), List.of());
			case ANSWERING -> new Setup(List.of(AnsweringListener.class), List.of());
			case UNGUARDED -> new Setup(List.of(UnguardedListener.class), List.of());
			case CONCURRENT -> new Setup(List.of(GuardedListener.class), List.of("test.concurrency=4-4"));
			case MANUAL -> manual();
		};
		List<Class<?>> sources = new ArrayList<>(own.sources());
		sources.addAll(List.of(Broker.class, DeadLetterListener.class));
		List<String> properties = new ArrayList<>(own.properties());
		properties.addAll(List.of("test.queue=" + this.queue, "spring.jms.listener.receive-timeout=100ms"));
		return new Setup(sources, properties);
	}

	/** The provider gives the ids. */
	@Override
	protected boolean messagesHaveIds() {
		return false;
	}

	@Override
	protected void send(@Nullable String key, @Nullable String id, String value) {
		bean(JmsTemplate.class).send(this.queue, (session) -> {
			TextMessage message = session.createTextMessage(value);
			if (key != null) {
				message.setStringProperty("Idempotency_Key", key);
			}
			return message;
		});
	}

	@Override
	protected void stopContainer() {
		bean(JmsListenerEndpointRegistry.class).getListenerContainer("listener").stop();
	}

	@Override
	protected void startContainer() {
		bean(JmsListenerEndpointRegistry.class).getListenerContainer("listener").start();
	}

	@Override
	protected int left() {
		return this.server.count(this.queue);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ IdempotencyJmsAutoConfiguration.class, JmsAutoConfiguration.class })
	static class Broker {

		@Bean
		ConnectionFactory connectionFactory() {
			return new ActiveMQConnectionFactory(JmsServer.shared().url());
		}

	}

	static class GuardedListener {

		private final ListenerWork work;

		GuardedListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent(operation = OPERATION)
		@JmsListener(id = "listener", destination = "${test.queue}", concurrency = "${test.concurrency:1-1}")
		public void on(String value) {
			this.work.handle(value);
		}

	}

	static class AnsweringListener {

		private final ListenerWork work;

		AnsweringListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent(operation = OPERATION)
		@JmsListener(id = "listener", destination = "${test.queue}")
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

		@JmsListener(id = "listener", destination = "${test.queue}")
		public void on(String value) {
			this.work.handle(value);
		}

	}

	static class DeadLetterListener {

		private final ListenerWork work;

		DeadLetterListener(ListenerWork work) {
			this.work = work;
		}

		@JmsListener(destination = "${test.queue}.dead")
		public void on(String value) {
			this.work.deadLetter(value);
		}

	}

	static class RollingBackListener {

		private final ListenerWork work;

		RollingBackListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent(operation = OPERATION)
		@JmsListener(id = "listener", destination = "${test.queue}")
		public void on(String value, Session session) throws JMSException {
			if (this.work.fails(value)) {
				session.rollback();
			}
		}

	}

	static class AcknowledgingListener {

		private final ListenerWork work;

		AcknowledgingListener(ListenerWork work) {
			this.work = work;
		}

		@Idempotent(operation = OPERATION)
		@JmsListener(id = "listener", destination = "${test.queue}")
		public void on(Message message, Session session) throws JMSException {
			if (this.work.fails(message.getBody(String.class))) {
				session.recover();
			}
			else {
				message.acknowledge();
			}
		}

	}

}
