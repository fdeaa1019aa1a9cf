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

package io.idempotency.messaging.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.idempotency.test.servers.KafkaServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.core.KafkaTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A topic of one partition, and the application that listens to it.
 */
final class KafkaTestTopic implements AutoCloseable {

	static final String KEY = "Idempotency-Key";

	private static final String GROUP = "test";

	private final KafkaServer server = KafkaServer.shared();

	private final String topic = this.server.newTopic("orders", 1);

	private final String out = this.server.newTopic("out", 1);

	private @Nullable ConfigurableApplicationContext context;

	/**
	 * Start the application.
	 * @param properties more properties, or other values
	 * @param sources its parts
	 */
	void start(List<String> properties, Class<?>... sources) {
		List<String> all = new ArrayList<>(
				List.of("spring.kafka.bootstrap-servers=" + this.server.bootstrapServers(), "test.topic=" + this.topic,
						"test.out=" + this.out, "idempotency.store=memory", "spring.kafka.consumer.group-id=" + GROUP,
						"spring.kafka.consumer.auto-offset-reset=earliest", "idempotency.lease=60s"));
		all.addAll(properties);
		this.context = new SpringApplicationBuilder(sources).web(WebApplicationType.NONE)
			.properties(all.toArray(String[]::new))
			.run();
	}

	<T> T bean(Class<T> type) {
		assertThat(this.context).isNotNull();
		return this.context.getBean(type);
	}

	String out() {
		return this.out;
	}

	void send(@Nullable String key, Object value) {
		ProducerRecord<Object, Object> record = new ProducerRecord<>(this.topic, value);
		if (key != null) {
			record.headers().add(KEY, key.getBytes(StandardCharsets.UTF_8));
		}
		send(record);
	}

	@SuppressWarnings("unchecked")
	private void send(ProducerRecord<Object, Object> record) {
		KafkaTemplate<Object, Object> template = bean(KafkaTemplate.class);
		if (template.isTransactional()) {
			template.executeInTransaction((operations) -> operations.send(record).join());
		}
		else {
			template.send(record).join();
		}
	}

	/** Wait until the group has done with everything before an offset. */
	void awaitCommitted(long offset) {
		try (Admin admin = this.server.admin()) {
			Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
				OffsetAndMetadata committed = admin.listConsumerGroupOffsets(GROUP)
					.partitionsToOffsetAndMetadata()
					.get()
					.get(partition());
				assertThat(committed).isNotNull().extracting(OffsetAndMetadata::offset).isEqualTo(offset);
			});
		}
	}

	/** Let the group, which has no members, begin anew. */
	void rewind() {
		try (Admin admin = this.server.admin()) {
			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.ignoreExceptions()
				.untilAsserted(
						() -> admin.alterConsumerGroupOffsets(GROUP, Map.of(partition(), new OffsetAndMetadata(0)))
							.all()
							.get());
		}
	}

	private TopicPartition partition() {
		return new TopicPartition(this.topic, 0);
	}

	@Override
	public void close() {
		if (this.context != null) {
			this.context.close();
		}
	}

}
