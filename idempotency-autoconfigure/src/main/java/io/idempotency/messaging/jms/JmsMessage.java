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

import io.idempotency.messaging.ReceivedMessage;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import org.jspecify.annotations.Nullable;

import org.springframework.jms.support.JmsUtils;

/**
 * A message of JMS. Its identity is the {@code JMSMessageID} that the sender's provider
 * gave it.
 *
 * <p>
 * The name of a property has to be a Java identifier, so a header such as
 * {@code Idempotency-Key} is looked for as {@code Idempotency_Key}, and then by its name
 * for providers that allow that.
 */
record JmsMessage(Message nativeMessage) implements ReceivedMessage {

	@Override
	public String destination() {
		try {
			return String.valueOf(this.nativeMessage.getJMSDestination());
		}
		catch (JMSException ex) {
			throw JmsUtils.convertJmsAccessException(ex);
		}
	}

	@Override
	public @Nullable String header(String name) {
		String identifier = property(name);
		try {
			String value = this.nativeMessage.getStringProperty(identifier);
			return (value == null && !identifier.equals(name)) ? byForeignName(name) : value;
		}
		catch (JMSException ex) {
			throw JmsUtils.convertJmsAccessException(ex);
		}
	}

	/**
	 * Return the property that stands for a header.
	 * @param header the header's name
	 * @return a Java identifier
	 */
	static String property(String header) {
		return header.replace('-', '_');
	}

	private @Nullable String byForeignName(String name) throws JMSException {
		try {
			return this.nativeMessage.getStringProperty(name);
		}
		catch (IllegalArgumentException ex) {
			// The provider insists on identifiers
			return null;
		}
	}

	@Override
	public @Nullable String identity() {
		try {
			return this.nativeMessage.getJMSMessageID();
		}
		catch (JMSException ex) {
			throw JmsUtils.convertJmsAccessException(ex);
		}
	}

	/**
	 * An object is not restored for this. A stream begins anew afterwards.
	 */
	@Override
	public @Nullable Object content() {
		try {
			if (this.nativeMessage instanceof TextMessage text) {
				return text.getText();
			}
			if (this.nativeMessage instanceof BytesMessage bytes) {
				return bytes.getBody(byte[].class);
			}
			if (this.nativeMessage instanceof StreamMessage stream) {
				return items(stream);
			}
			return (this.nativeMessage instanceof MapMessage map) ? map.getBody(Map.class) : null;
		}
		catch (JMSException ex) {
			throw JmsUtils.convertJmsAccessException(ex);
		}
	}

	private static List<@Nullable Object> items(StreamMessage stream) throws JMSException {
		List<@Nullable Object> items = new ArrayList<>();
		stream.reset();
		try {
			while (true) {
				items.add(stream.readObject());
			}
		}
		catch (MessageEOFException ex) {
			stream.reset();
			return items;
		}
	}

}
