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

import io.idempotency.test.servers.JmsServer;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A session that makes messages, for tests of what is read from them.
 */
abstract class AbstractJmsMessageTests {

	private final ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(JmsServer.shared().url());

	private Connection connection;

	Session session;

	@BeforeEach
	void open() throws JMSException {
		this.connection = this.factory.createConnection();
		this.session = this.connection.createSession();
	}

	@AfterEach
	void close() throws JMSException {
		this.connection.close();
		this.factory.close();
	}

}
