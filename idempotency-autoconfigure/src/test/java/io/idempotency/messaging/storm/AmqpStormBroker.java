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

package io.idempotency.messaging.storm;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.idempotency.test.ProofSize;
import io.idempotency.test.servers.RabbitServer;

/**
 * A durable queue on a broker for AMQP. All consumers take from it in turn, so that two
 * of them may get repetitions of a message at the same time.
 */
final class AmqpStormBroker implements StormBroker {

	/** So many messages go out before the broker has to have confirmed them. */
	private static final int UNCONFIRMED = 1000;

	/**
	 * What a consumer has besides what it works on comes back when it stops, and takes
	 * new processes: a slice is spared them.
	 */
	private static final int PREFETCH = ProofSize.of(1, 20);

	private final RabbitServer server;

	private final String queue = RabbitServer.newName("storm");

	private final Connection connection;

	private final Channel channel;

	private int unconfirmed;

	AmqpStormBroker(RabbitServer server) throws Exception {
		this.server = server;
		this.connection = server.connect();
		this.channel = this.connection.createChannel();
		this.channel.queueDeclare(this.queue, true, false, false, null);
		this.channel.confirmSelect();
	}

	@Override
	public void send(String key, int number) throws IOException {
		AMQP.BasicProperties properties = MessageProperties.PERSISTENT_TEXT_PLAIN.builder()
			.headers(Map.of("Idempotency-Key", key))
			.build();
		this.channel.basicPublish("", this.queue, properties, key.getBytes());
		this.unconfirmed++;
		if (this.unconfirmed == UNCONFIRMED) {
			flush();
		}
	}

	@Override
	public void flush() throws IOException {
		try {
			this.channel.waitForConfirmsOrDie(60_000);
			this.unconfirmed = 0;
		}
		catch (TimeoutException ex) {
			throw new IOException("The broker does not confirm what was sent", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException(ex);
		}
	}

	/** RabbitMQ counts what waits, without what its consumers have. */
	@Override
	public boolean drained() throws IOException {
		return this.channel.messageCount(this.queue) == 0;
	}

	@Override
	public boolean abandoned() throws IOException {
		return this.channel.consumerCount(this.queue) == 0;
	}

	@Override
	public List<String> arguments() {
		return List.of("--spring.profiles.active=amqp", "--spring.rabbitmq.host=" + this.server.host(),
				"--spring.rabbitmq.port=" + this.server.port(), "--spring.rabbitmq.username=" + this.server.user(),
				"--spring.rabbitmq.password=" + this.server.password(), "--storm.queue=" + this.queue,
				"--spring.rabbitmq.listener.simple.concurrency=4",
				"--spring.rabbitmq.listener.simple.prefetch=" + PREFETCH);
	}

	@Override
	public void close() throws IOException {
		this.channel.queueDelete(this.queue);
		this.connection.close();
	}

}
