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

package io.idempotency.sample.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

import org.springframework.util.Assert;
import org.springframework.util.FileSystemUtils;

/**
 * A Kafka of one node, broker and controller, whose messages end with it.
 */
final class EmbeddedKafka implements AutoCloseable {

	private static final String PROPERTIES = """
			process.roles=broker,controller
			node.id=1
			controller.quorum.voters=1@localhost:%2$d
			listeners=PLAINTEXT://localhost:%1$d,CONTROLLER://localhost:%2$d
			controller.listener.names=CONTROLLER
			log.dirs=%3$s
			offsets.topic.num.partitions=1
			offsets.topic.replication.factor=1
			transaction.state.log.replication.factor=1
			transaction.state.log.min.isr=1
			group.initial.rebalance.delay.ms=0
			log.cleaner.dedupe.buffer.size=2097152
			""";

	private final Path directory;

	private final int port;

	private final KafkaRaftServer server;

	EmbeddedKafka() {
		try {
			this.directory = Files.createTempDirectory("sample-kafka");
			this.port = FreePort.find();
			this.server = new KafkaRaftServer(new KafkaConfig(configured()), Time.SYSTEM);
		}
		catch (IOException ex) {
			throw new IllegalStateException("The embedded Kafka found no place on this machine", ex);
		}
		this.server.startup();
	}

	private Properties configured() throws IOException {
		Path file = this.directory.resolve("server.properties");
		String data = this.directory.resolve("data").toString().replace('\\', '/');
		Files.writeString(file, PROPERTIES.formatted(this.port, FreePort.find(), data));
		PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
		int result = StorageTool.execute(
				new String[] { "format", "--cluster-id", Uuid.randomUuid().toString(), "--config", file.toString() },
				nowhere);
		Assert.state(result == 0, "The embedded Kafka could not format its storage");
		Properties properties = new Properties();
		try (var reader = Files.newBufferedReader(file)) {
			properties.load(reader);
		}
		return properties;
	}

	String bootstrapServers() {
		return "localhost:" + this.port;
	}

	@Override
	public void close() throws IOException {
		this.server.shutdown();
		this.server.awaitShutdown();
		FileSystemUtils.deleteRecursively(this.directory);
	}

}
