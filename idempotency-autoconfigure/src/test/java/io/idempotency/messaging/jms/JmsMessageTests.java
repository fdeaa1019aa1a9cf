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

import java.util.List;
import java.util.Map;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JmsMessage}.
 */
class JmsMessageTests extends AbstractJmsMessageTests {

	@Test
	void headerIsAPropertyWithAnIdentifierForItsName() throws JMSException {
		TextMessage message = this.session.createTextMessage("a");
		message.setStringProperty("Idempotency_Key", "k-1");
		message.setIntProperty("number", 7);

		JmsMessage received = new JmsMessage(message);

		assertThat(received.header("Idempotency-Key")).isEqualTo("k-1");
		assertThat(received.header("number")).isEqualTo("7");
		assertThat(received.header("Other-Header")).isNull();
	}

	@Test
	void identityIsTheIdThatTheProviderGave() throws JMSException {
		TextMessage message = this.session.createTextMessage("a");
		assertThat(new JmsMessage(message).identity()).isNull();

		message.setJMSMessageID("ID:1");

		assertThat(new JmsMessage(message).identity()).isEqualTo("ID:1");
	}

	@Test
	void contentIsWhatCanBeReadWithoutConsumingIt() throws JMSException {
		BytesMessage bytes = this.session.createBytesMessage();
		bytes.writeBytes(new byte[] { 1, 2 });
		bytes.reset();
		MapMessage map = this.session.createMapMessage();
		map.setInt("a", 1);
		ObjectMessage object = this.session.createObjectMessage("serialized");

		assertThat(new JmsMessage(this.session.createTextMessage("a")).content()).isEqualTo("a");
		assertThat(new JmsMessage(bytes).content()).isEqualTo(new byte[] { 1, 2 });
		assertThat(bytes.readByte()).isEqualTo((byte) 1);
		assertThat(new JmsMessage(map).content()).isEqualTo(Map.of("a", 1));
		assertThat(new JmsMessage(object).content()).isNull();
	}

	@Test
	void contentOfAStreamIsReadAndBeginsAnew() throws JMSException {
		StreamMessage stream = this.session.createStreamMessage();
		stream.writeInt(1);
		stream.writeString("a");

		assertThat(new JmsMessage(stream).content()).isEqualTo(List.of(1, "a"));
		assertThat(stream.readInt()).isOne();
		assertThat(new JmsMessage(this.session.createStreamMessage()).content()).isEqualTo(List.of());
	}

}
