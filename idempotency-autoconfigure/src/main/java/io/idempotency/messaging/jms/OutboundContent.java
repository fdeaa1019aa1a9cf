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

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.Enumeration;
import java.util.Map;
import java.util.TreeMap;

import io.idempotency.messaging.OutboundMessageKeys;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a message says that is about to be sent, by which its key is told from those
 * of others. What is still being written cannot be read, so bytes and streams are reset,
 * as the provider does when it sends them.
 */
final class OutboundContent {

	private OutboundContent() {
	}

	/**
	 * Read a message. An object counts by its serialized form. A message without a body
	 * says what its properties say, except for those of the provider.
	 * @param message the message
	 * @param key the property with the message's key, which is no part of what it says
	 * @return the content, or {@link OutboundMessageKeys#UNREADABLE}
	 * @throws JMSException if the provider fails
	 */
	static @Nullable Object of(Message message, String key) throws JMSException {
		if (message instanceof BytesMessage bytes) {
			bytes.reset();
		}
		else if (message instanceof StreamMessage stream) {
			stream.reset();
		}
		else if (message instanceof ObjectMessage object) {
			return serialized(object);
		}
		else if (!(message instanceof TextMessage) && !(message instanceof MapMessage)) {
			return properties(message, key);
		}
		return new JmsMessage(message).content();
	}

	private static Object serialized(ObjectMessage message) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
			out.writeObject(message.getObject());
		}
		catch (IOException | JMSException ex) {
			// The provider does not trust the class, for example
			return OutboundMessageKeys.UNREADABLE;
		}
		return bytes.toByteArray();
	}

	/**
	 * Read the properties of a message, and its {@code JMSType}.
	 * @param message the message
	 * @param key the property with the message's key, which is left out
	 * @return what is known by which name
	 * @throws JMSException if the provider fails
	 */
	static Map<String, @Nullable Object> headers(Message message, String key) throws JMSException {
		Map<String, @Nullable Object> headers = properties(message, key);
		headers.put("JMSType", message.getJMSType());
		return headers;
	}

	private static Map<String, @Nullable Object> properties(Message message, String key) throws JMSException {
		Map<String, @Nullable Object> properties = new TreeMap<>();
		Enumeration<?> names = message.getPropertyNames();
		while (names.hasMoreElements()) {
			String name = String.valueOf(names.nextElement());
			if (!name.equals(key) && !name.startsWith("JMS")) {
				properties.put(name, message.getObjectProperty(name));
			}
		}
		return properties;
	}

}
