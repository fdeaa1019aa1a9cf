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

package io.idempotency.sample;

import io.idempotency.test.servers.KafkaServer;
import io.idempotency.test.servers.RabbitServer;
import io.idempotency.test.servers.RedisServer;

import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * Orders with the records of requests and messages in Redis. Those of the steps stay with
 * the data, in an H2 database.
 */
@ActiveProfiles({ "redis", "kafka", "rabbit" })
@DirtiesContext
class RedisOrderIntegrationTests extends AbstractOrderIntegrationTests {

	@DynamicPropertySource
	static void servers(DynamicPropertyRegistry registry) {
		registry.add("spring.data.redis.url", RedisServer.shared()::url);
		registry.add("spring.kafka.bootstrap-servers", KafkaServer.shared()::bootstrapServers);
		registry.add("spring.rabbitmq.host", RabbitServer.embedded()::host);
		registry.add("spring.rabbitmq.port", RabbitServer.embedded()::port);
	}

}
