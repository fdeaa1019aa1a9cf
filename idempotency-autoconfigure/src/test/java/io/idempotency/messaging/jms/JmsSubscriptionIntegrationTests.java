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

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJmsAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.test.servers.JmsServer;
import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for JMS listeners with several subscriptions.
 */
class JmsSubscriptionIntegrationTests {

	private final JmsServer server = JmsServer.shared();

	private final String one = this.server.newQueue("one");

	private final String two = this.server.newQueue("two");

	private final ApplicationContextRunner contexts = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
				IdempotencyJmsAutoConfiguration.class, IdempotencyMessagingAutoConfiguration.class,
				JacksonAutoConfiguration.class, JmsAutoConfiguration.class))
		.withUserConfiguration(Application.class)
		.withPropertyValues("idempotency.store=memory", "test.one=" + this.one, "test.two=" + this.two);

	@Test
	void messageIsWorkedOnOnceForEachQueueOfAListener() {
		this.contexts.run((context) -> {
			ListenerOfQueues listener = context.getBean(ListenerOfQueues.class);

			for (String value : List.of("a", "b")) {
				for (String queue : List.of(this.one, this.two, this.one)) {
					context.getBean(JmsTemplate.class).convertAndSend(queue, value, (message) -> {
						message.setStringProperty("Idempotency_Key", value);
						return message;
					});
				}
			}

			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.untilAsserted(() -> assertThat(this.server.count(this.one) + this.server.count(this.two)).isZero());
			assertThat(listener.work()).containsExactlyInAnyOrder("a", "a", "b", "b");
		});
	}

	@Test
	void subscriptionsOfATopicAreToldApartAndConsumersOfAQueueAreNot() {
		this.contexts.run((context) -> {
			JmsListenerGuard guard = context.getBean(JmsListenerGuard.class);
			DefaultMessageListenerContainer first = new DefaultMessageListenerContainer();
			DefaultMessageListenerContainer second = new DefaultMessageListenerContainer();
			first.setDestinationName("orders");
			second.setDestinationName("orders");
			second.setMessageSelector("large");
			assertThat(guard.subscriptionOf(first)).isEqualTo(guard.subscriptionOf(second));

			first.setPubSubDomain(true);
			second.setPubSubDomain(true);

			assertThat(guard.subscriptionOf(first)).isNotEqualTo(guard.subscriptionOf(second));
		});
	}

	@Test
	void topicThatIsNeitherDurableNorSharedIsReadByEachInstanceForItself() {
		this.contexts.run((context) -> {
			JmsListenerGuard guard = context.getBean(JmsListenerGuard.class);
			DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
			container.setDestinationName("orders");
			assertThat(guard.instanceOf(container)).isNull();

			container.setPubSubDomain(true);
			assertThat(guard.instanceOf(container)).isNotNull().isNotEqualTo(guard.instanceOf(container));

			container.setClientId("one");
			assertThat(guard.instanceOf(container)).isEqualTo(guard.subscriptionOf(container));

			container.setSubscriptionDurable(true);
			assertThat(guard.instanceOf(container)).isNull();
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		ConnectionFactory connectionFactory() {
			return new ActiveMQConnectionFactory(JmsServer.shared().url());
		}

		@Bean
		ListenerOfQueues listener() {
			return new ListenerOfQueues();
		}

	}

	static class ListenerOfQueues {

		private final List<String> work = new CopyOnWriteArrayList<>();

		@Idempotent
		@JmsListener(destination = "${test.one}")
		@JmsListener(destination = "${test.two}")
		public void on(String value) {
			this.work.add(value);
		}

		List<String> work() {
			return this.work;
		}

	}

}
