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

import java.io.Serializable;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.idempotency.Idempotency;
import io.idempotency.IdempotencyContext;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.key.Canonicalizer;
import io.idempotency.messaging.OutboundMessageKeys;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OutboundContent}, and the keys that are made of it.
 */
class OutboundContentTests extends AbstractJmsMessageTests {

	private final OutboundMessageKeys keys = new OutboundMessageKeys("Idempotency-Key", new Canonicalizer());

	@Test
	void messagesHaveTheSameKeysInWhateverOrderTheyAreSent() throws JMSException {
		List<Message> messages = List.of(object("a"), object("b"), stream("a"), stream("b"), empty("a"), empty("b"),
				this.session.createTextMessage("a"));

		Map<Message, String> first = attempt(messages);

		assertThat(first.values()).doesNotHaveDuplicates().doesNotContainNull();
		assertThat(attempt(messages.stream()
			.sorted(Collections
				.reverseOrder((one, other) -> Integer.compare(messages.indexOf(one), messages.indexOf(other))))
			.toList())).isEqualTo(first);
	}

	@Test
	void objectThatCannotBeReadHasAnotherKeyOnEachAttempt() throws JMSException {
		List<Message> messages = List.of(object(new Unreadable()), object(new Unreadable()));

		assertThat(Set.of(OutboundContent.of(messages.get(0), ""))).containsExactly(OutboundMessageKeys.UNREADABLE);
		assertThat(attempt(messages).values()).doesNotHaveDuplicates()
			.doesNotContainNull()
			.doesNotContainAnyElementsOf(attempt(messages).values());
	}

	@Test
	void keyOfAMessageIsNoPartOfWhatItSays() throws JMSException {
		Message message = empty("a");
		Object content = OutboundContent.of(message, "Idempotency_Key");

		message.setStringProperty("Idempotency_Key", "k-1");

		assertThat(OutboundContent.of(message, "Idempotency_Key")).isEqualTo(content).isEqualTo(Map.of("what", "a"));
	}

	@Test
	void messageOfAnotherTypeHasAnotherKey() throws JMSException {
		Message accepted = this.session.createTextMessage("a");
		accepted.setStringProperty("_type", "OrderAccepted");
		Message cancelled = this.session.createTextMessage("a");
		cancelled.setStringProperty("_type", "OrderCancelled");
		Message named = this.session.createTextMessage("a");
		named.setJMSType("OrderAccepted");
		Message traced = this.session.createTextMessage("a");
		traced.setStringProperty("trace", "1");

		assertThat(attempt(List.of(accepted)).values())
			.doesNotContainAnyElementsOf(attempt(List.of(cancelled)).values())
			.doesNotContainAnyElementsOf(attempt(List.of(named)).values())
			.containsExactlyElementsOf(attempt(List.of(accepted)).values());
		assertThat(attempt(List.of(traced)).values())
			.containsExactlyElementsOf(attempt(List.of(this.session.createTextMessage("a"))).values());
	}

	/** Each attempt is the first one of an application with an empty store. */
	private Map<Message, String> attempt(List<Message> messages) {
		Map<Message, String> found = new HashMap<>();
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
					JacksonAutoConfiguration.class))
			.withPropertyValues("idempotency.store=memory")
			.run((context) -> context.getBean(Idempotency.class).call("work", "k-1").run(() -> {
				assertThat(IdempotencyContext.current()).isPresent();
				messages.forEach((message) -> found.put(message, key(message)));
			}));
		return found;
	}

	private String key(Message message) {
		try {
			Map<String, ?> headers = OutboundContent.headers(message, "Idempotency_Key");
			return String.valueOf(
					this.keys.keyFor(null, OutboundContent.of(message, "Idempotency_Key"), () -> headers, "orders"));
		}
		catch (JMSException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private ObjectMessage object(Serializable value) throws JMSException {
		return this.session.createObjectMessage(value);
	}

	private StreamMessage stream(String value) throws JMSException {
		StreamMessage message = this.session.createStreamMessage();
		message.writeString(value);
		return message;
	}

	private Message empty(String value) throws JMSException {
		Message message = this.session.createMessage();
		message.setStringProperty("what", value);
		return message;
	}

	/** Is written, but never read. */
	private static final class Unreadable implements Serializable {

		private static final long serialVersionUID = 1;

		private void readObject(java.io.ObjectInputStream in) throws java.io.IOException {
			throw new java.io.InvalidObjectException("on purpose");
		}

	}

}
