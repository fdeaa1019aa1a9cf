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

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/**
 * A real Kafka for tests: the one that the environment variable
 * {@code IDEMPOTENCY_TEST_KAFKA_SERVERS} names ({@code host:port}), else an embedded
 * broker in this JVM that starts on first use. Safe for use by several threads.
 */
public final class KafkaServer {

	/**
	 * Names the environment variable that replaces the embedded broker.
	 */
	public static final String SERVERS_VARIABLE = "IDEMPOTENCY_TEST_KAFKA_SERVERS";

	private final String bootstrapServers;

	private KafkaServer(String bootstrapServers) {
		this.bootstrapServers = bootstrapServers;
	}

	/**
	 * Return the broker that all tests of this JVM share. Use topics of your own on it.
	 * @return the running broker
	 */
	public static KafkaServer shared() {
		return Shared.SERVER;
	}

	/**
	 * Return where the broker is.
	 * @return {@code host:port}
	 */
	public String bootstrapServers() {
		return this.bootstrapServers;
	}

	/**
	 * Create a topic that nobody else uses.
	 * @param name what the name begins with
	 * @param partitions its number of partitions
	 * @return the topic's name
	 */
	public String newTopic(String name, int partitions) {
		String topic = name + "-" + UUID.randomUUID();
		try (Admin admin = admin()) {
			admin.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty()))).all().get();
			return topic;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return a client that looks at topics and groups.
	 * @return the client, to be closed
	 */
	public Admin admin() {
		return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, this.bootstrapServers));
	}

	private static final class Shared {

		static final KafkaServer SERVER = start(System.getenv(SERVERS_VARIABLE));

		private static KafkaServer start(@Nullable String servers) {
			if (servers != null) {
				return new KafkaServer(servers);
			}
			EmbeddedKafkaKraftBroker broker = new EmbeddedKafkaKraftBroker(1, 1);
			broker.brokerProperties(Map.of("transaction.state.log.replication.factor", "1",
					"transaction.state.log.min.isr", "1", "group.initial.rebalance.delay.ms", "0"));
			// Would make it spring.kafka.bootstrap-servers of every context in this JVM
			// otherwise
			broker.brokerListProperty(EmbeddedKafkaBroker.SPRING_EMBEDDED_KAFKA_BROKERS);
			broker.afterPropertiesSet();
			return new KafkaServer(broker.getBrokersAsString());
		}

	}

}
