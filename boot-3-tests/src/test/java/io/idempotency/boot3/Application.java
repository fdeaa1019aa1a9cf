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

package io.idempotency.boot3;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

import io.idempotency.test.servers.JmsServer;
import io.idempotency.test.servers.KafkaServer;
import io.idempotency.test.servers.RabbitServer;
import io.idempotency.test.servers.RedisServer;
import org.apache.kafka.clients.admin.NewTopic;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.retry.annotation.EnableRetry;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.test.context.DynamicPropertyRegistrar;

/**
 * One application with all that is guarded, so that all tests share its context.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableRetry(order = Ordered.LOWEST_PRECEDENCE - 101)
@EnableScheduling
@Import({ Work.class, Payments.class, PaymentController.class, Orders.class, Tasks.class })
class Application {

	@Bean
	OtherSystem otherSystem() throws IOException {
		return new OtherSystem();
	}

	@Bean
	static DynamicPropertyRegistrar servers() {
		RabbitServer rabbit = RabbitServer.embedded();
		String orders = RabbitServer.newName("orders");
		String shipments = RabbitServer.newName("shipments");
		return (properties) -> {
			properties.add("spring.artemis.broker-url", JmsServer.shared()::url);
			properties.add("spring.data.redis.url", RedisServer.shared()::url);
			properties.add("spring.kafka.bootstrap-servers", KafkaServer.shared()::bootstrapServers);
			properties.add("spring.rabbitmq.host", rabbit::host);
			properties.add("spring.rabbitmq.port", rabbit::port);
			properties.add("test.orders", () -> orders);
			properties.add("test.shipments", () -> shipments);
		};
	}

	/** Keeps the windows of tasks from ending during a test. */
	@Bean
	Clock clock() {
		return Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);
	}

	@Bean
	KafkaAdmin.NewTopics topics(@Value("${test.orders}") String orders, @Value("${test.shipments}") String shipments) {
		return new KafkaAdmin.NewTopics(new NewTopic(orders, 1, (short) 1),
				new NewTopic(orders + "-in-batches", 1, (short) 1), new NewTopic(shipments, 1, (short) 1));
	}

}
