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

import java.util.Map;
import java.util.function.Supplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.messaging.OutboundMessageKeys;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

import org.springframework.jms.core.JmsTemplate;
import org.springframework.util.ReflectionUtils;

/**
 * Gives the messages that guarded work sends their keys, however they are made. It takes
 * the place of a template that is set up, with all that it is set up for.
 */
public final class KeyedJmsTemplate extends JmsTemplate {

	private final Supplier<OutboundMessageKeys> keys;

	private KeyedJmsTemplate(Supplier<OutboundMessageKeys> keys) {
		this.keys = keys;
	}

	/**
	 * Return a template that does the same as another one, with keys.
	 * @param template the other one
	 * @param keys asked for with the first message
	 * @return the template, or the other one if that has a class of its own, in which it
	 * may do anything
	 */
	public static JmsTemplate of(JmsTemplate template, Supplier<OutboundMessageKeys> keys) {
		if (template.getClass() != JmsTemplate.class) {
			return template;
		}
		KeyedJmsTemplate keyed = new KeyedJmsTemplate(keys);
		ReflectionUtils.shallowCopyFieldState(template, keyed);
		return keyed;
	}

	@Override
	protected void doSend(MessageProducer producer, Message message) throws JMSException {
		if (IdempotencyContext.current().isPresent()) {
			give(message, name(producer.getDestination()));
		}
		super.doSend(producer, message);
	}

	private void give(Message message, String destination) throws JMSException {
		OutboundMessageKeys keys = this.keys.get();
		String property = JmsMessage.property(keys.header());
		Map<String, @Nullable Object> headers = OutboundContent.headers(message, property);
		String key = keys.keyFor(new JmsMessage(message).header(keys.header()), OutboundContent.of(message, property),
				() -> headers, destination);
		if (key != null) {
			try {
				message.setStringProperty(property, key);
			}
			catch (MessageNotWriteableException ex) {
				// The message that was received, sent on as it is
			}
		}
	}

	private static String name(@Nullable Destination destination) throws JMSException {
		if (destination instanceof Queue queue) {
			return queue.getQueueName();
		}
		return (destination instanceof Topic topic) ? topic.getTopicName() : String.valueOf(destination);
	}

}
