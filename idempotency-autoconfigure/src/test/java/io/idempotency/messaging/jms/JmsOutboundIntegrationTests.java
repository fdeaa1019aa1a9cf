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
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.Idempotency;
import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJmsAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.test.servers.JmsServer;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsMessagingTemplate;
import org.springframework.jms.core.JmsTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the keys of what guarded work sends by JMS.
 */
@Timeout(120)
class JmsOutboundIntegrationTests {

	private static final String KEY = "Idempotency_Key";

	private final JmsServer server = JmsServer.shared();

	private final String queue = this.server.newQueue("orders");

	private final String out = this.server.newQueue("out");

	private @Nullable ConfigurableApplicationContext context;

	@AfterEach
	void close() {
		if (this.context != null) {
			this.context.close();
		}
	}

	@Test
	void whatTheWorkSendsHasTheSameKeyOnEachAttempt() throws Exception {
		start("spring.jms.listener.session.transacted=false", "spring.jms.listener.session.acknowledge-mode=client");
		bean(Work.class).failures.set(1);

		bean(JmsTemplate.class).convertAndSend(this.queue, "a", (message) -> {
			message.setStringProperty(KEY, "k-1");
			return message;
		});

		List<String> sent = new ArrayList<>();
		for (int i = 0; i < 14; i++) {
			sent.add(bean(Work.class).sent.poll(30, TimeUnit.SECONDS));
		}
		assertThat(sent.subList(0, 6)).doesNotHaveDuplicates()
			.noneMatch((each) -> each.endsWith(" k-1") || each.endsWith(" null"));
		assertThat(sent.get(6)).isEqualTo("own mine");
		assertThat(sent.subList(7, 14)).isEqualTo(sent.subList(0, 7));
	}

	@Test
	void messageSentOutsideOfWorkHasNoKey() throws Exception {
		start();

		bean(JmsTemplate.class).convertAndSend(this.out, "a");

		assertThat(bean(Work.class).sent.poll(30, TimeUnit.SECONDS)).isEqualTo("a null");
	}

	@Test
	void workSendsNoKeysIfToldSo() throws Exception {
		start("idempotency.messaging.send-keys=false");

		bean(Idempotency.class).call("any", "k").run(() -> bean(JmsTemplate.class).convertAndSend(this.out, "a"));

		assertThat(bean(Work.class).sent.poll(30, TimeUnit.SECONDS)).isEqualTo("a null");
	}

	@Test
	void templateKeepsItsSettings() {
		start("spring.jms.template.receive-timeout=123ms", "spring.jms.template.time-to-live=45s",
				"spring.jms.template.default-destination=orders");

		JmsTemplate template = bean(JmsTemplate.class);
		assertThat(template).isInstanceOf(KeyedJmsTemplate.class);
		assertThat(template.getReceiveTimeout()).isEqualTo(123);
		assertThat(template.getTimeToLive()).isEqualTo(45_000);
		assertThat(template.isExplicitQosEnabled()).isTrue();
		assertThat(template.getDefaultDestinationName()).isEqualTo("orders");
		assertThat(template.getConnectionFactory()).isNotNull();
		assertThat(bean(JmsMessagingTemplate.class).getJmsTemplate()).isSameAs(template);
	}

	@Test
	void templateOfAClassOfItsOwnIsLeftAlone() {
		JmsTemplate own = new JmsTemplate() {
		};

		assertThat(KeyedJmsTemplate.of(own, () -> {
			throw new IllegalStateException("Not asked");
		})).isSameAs(own);
	}

	private void start(String... properties) {
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.properties("idempotency.store=memory", "test.queue=" + this.queue, "test.out=" + this.out)
			.properties(properties)
			.run();
	}

	private <T> T bean(Class<T> type) {
		assertThat(this.context).isNotNull();
		return this.context.getBean(type);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
			IdempotencyJmsAutoConfiguration.class, IdempotencyMessagingAutoConfiguration.class,
			JacksonAutoConfiguration.class, JmsAutoConfiguration.class })
	static class Application {

		@Bean
		ConnectionFactory connectionFactory() {
			return new ActiveMQConnectionFactory(JmsServer.shared().url());
		}

		@Bean
		Work work() {
			return new Work();
		}

		@Bean
		ForwardingListener forwardingListener(Work work, JmsTemplate template, JmsMessagingTemplate messages,
				@Value("${test.out}") String out) {
			return new ForwardingListener(work, template, messages, out);
		}

		@Bean
		OutListener outListener(Work work) {
			return new OutListener(work);
		}

	}

	/** What was sent, and how often the work is to fail. */
	static final class Work {

		private final BlockingQueue<String> sent = new LinkedBlockingQueue<>();

		private final AtomicInteger failures = new AtomicInteger();

	}

	static class ForwardingListener {

		private final Work work;

		private final JmsTemplate template;

		private final JmsMessagingTemplate messages;

		private final String out;

		ForwardingListener(Work work, JmsTemplate template, JmsMessagingTemplate messages, String out) {
			this.work = work;
			this.template = template;
			this.messages = messages;
			this.out = out;
		}

		@Idempotent
		@JmsListener(destination = "${test.queue}")
		public void on(String value) {
			this.template.convertAndSend(this.out, "text");
			this.template.convertAndSend(this.out, "twice");
			this.template.convertAndSend(this.out, "twice");
			this.template.convertAndSend(this.out, "bytes".getBytes());
			this.messages.convertAndSend(this.out, (Object) "messaging", Map.of());
			sendWithKey("copied", "k-1");
			sendWithKey("own", "mine");
			if (this.work.failures.getAndDecrement() > 0) {
				throw new IllegalStateException("on purpose");
			}
		}

		private void sendWithKey(String text, String key) {
			this.template.send(this.out, (session) -> {
				Message message = session.createTextMessage(text);
				message.setStringProperty(KEY, key);
				return message;
			});
		}

	}

	static class OutListener {

		private final Work work;

		OutListener(Work work) {
			this.work = work;
		}

		@JmsListener(destination = "${test.out}")
		public void on(Message message) throws JMSException {
			String text = (message instanceof BytesMessage bytes) ? new String(bytes.getBody(byte[].class))
					: ((TextMessage) message).getText();
			this.work.sent.add(text + " " + message.getStringProperty(KEY));
		}

	}

}
