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

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

import io.idempotency.test.servers.KafkaServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A topic on Kafka. The repetitions of a message lie on other partitions than the
 * message, so that two consumers may get them at the same time.
 */
final class KafkaStormBroker implements StormBroker {

	private static final int PARTITIONS = 8;

	private static final String GROUP = "storm";

	private final KafkaServer server = KafkaServer.shared();

	private final String topic = this.server.newTopic("storm", PARTITIONS);

	private final Admin admin = this.server.admin();

	private final KafkaProducer<String, String> producer = new KafkaProducer<>(
			Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, this.server.bootstrapServers()), new StringSerializer(),
			new StringSerializer());

	@Override
	public void send(String key, int number) {
		int partition = Math.floorMod(key.hashCode() + number * 3, PARTITIONS);
		ProducerRecord<String, String> record = new ProducerRecord<>(this.topic, partition, null, key);
		record.headers().add("Idempotency-Key", key.getBytes(StandardCharsets.UTF_8));
		this.producer.send(record);
	}

	@Override
	public void flush() {
		this.producer.flush();
	}

	@Override
	public boolean drained() throws ExecutionException, InterruptedException {
		Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
		for (int i = 0; i < PARTITIONS; i++) {
			latest.put(new TopicPartition(this.topic, i), OffsetSpec.latest());
		}
		Map<TopicPartition, OffsetAndMetadata> committed = this.admin.listConsumerGroupOffsets(GROUP)
			.partitionsToOffsetAndMetadata()
			.get();
		Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> ends = this.admin.listOffsets(latest).all().get();
		return ends.entrySet().stream().allMatch((end) -> {
			OffsetAndMetadata offset = committed.get(end.getKey());
			return ((offset != null) ? offset.offset() : 0) >= end.getValue().offset();
		});
	}

	/** What is not committed is known without asking the consumers. */
	@Override
	public boolean abandoned() {
		return true;
	}

	@Override
	public List<String> arguments() {
		return List.of("--spring.profiles.active=kafka",
				"--spring.kafka.bootstrap-servers=" + this.server.bootstrapServers(), "--storm.topic=" + this.topic,
				"--spring.kafka.consumer.group-id=" + GROUP, "--spring.kafka.consumer.auto-offset-reset=earliest",
				"--spring.kafka.consumer.properties[session.timeout.ms]=6000", "--spring.kafka.listener.concurrency=4");
	}

	@Override
	public void close() {
		this.producer.close();
		this.admin.close();
	}

}
