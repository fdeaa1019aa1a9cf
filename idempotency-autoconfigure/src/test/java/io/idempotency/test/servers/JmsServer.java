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

package io.idempotency.test.servers;

import java.util.UUID;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/**
 * An Apache Artemis in this JVM, one for all its tests, that starts on first use. Its
 * queues give a message up after {@value #ATTEMPTS} deliveries. Safe for use by several
 * threads.
 */
public final class JmsServer {

	/** How often a message is delivered before it is a dead letter. */
	public static final int ATTEMPTS = 3;

	private static final String URL = "vm://77";

	private final EmbeddedActiveMQ server;

	private JmsServer(EmbeddedActiveMQ server) {
		this.server = server;
	}

	/**
	 * Return the broker. Use queues of your own on it.
	 * @return the running broker
	 */
	public static JmsServer shared() {
		return Shared.SERVER;
	}

	/**
	 * Return where the broker is.
	 * @return the URL of Artemis's client
	 */
	public String url() {
		return URL;
	}

	/**
	 * Create a queue that nobody else uses, and one for its dead letters, whose name ends
	 * in {@code .dead}.
	 * @param name what the name begins with
	 * @return the queue's name
	 */
	public String newQueue(String name) {
		String queue = name + "-" + UUID.randomUUID();
		AddressSettings settings = new AddressSettings();
		settings.setMaxDeliveryAttempts(ATTEMPTS);
		settings.setDeadLetterAddress(SimpleString.of(queue + ".dead"));
		this.server.getActiveMQServer().getAddressSettingsRepository().addMatch(queue, settings);
		create(queue);
		create(queue + ".dead");
		return queue;
	}

	private void create(String queue) {
		try {
			this.server.getActiveMQServer()
				.createQueue(QueueConfiguration.of(queue).setRoutingType(RoutingType.ANYCAST));
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return how many messages a queue has, including those under way.
	 * @param queue the queue's name
	 * @return the number of messages
	 */
	public int count(String queue) {
		Queue found = this.server.getActiveMQServer().locateQueue(queue);
		return (int) found.getMessageCount();
	}

	private static final class Shared {

		static final JmsServer SERVER = start();

		private static JmsServer start() {
			try {
				Configuration configuration = new ConfigurationImpl();
				configuration.setPersistenceEnabled(false);
				configuration.setSecurityEnabled(false);
				configuration.addAcceptorConfiguration("vm", URL);
				EmbeddedActiveMQ server = new EmbeddedActiveMQ();
				server.setConfiguration(configuration);
				server.start();
				return new JmsServer(server);
			}
			catch (Exception ex) {
				throw new IllegalStateException("The embedded broker did not start", ex);
			}
		}

	}

}
