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

import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The sample with profile {@code redis}: records in Redis, data in an H2 database.
 */
@ActiveProfiles("redis")
@DirtiesContext
class RedisSampleIntegrationTests extends AbstractSampleIntegrationTests {

	@Autowired
	private StringRedisTemplate redis;

	@DynamicPropertySource
	static void redis(DynamicPropertyRegistry registry) {
		registry.add("spring.data.redis.url", RedisServer.shared()::url);
	}

	@Override
	long records() {
		return this.redis.keys("idempotency:*").size();
	}

	@Test
	void notificationsAreClaimedInOneRoundTripAndRecordedInAnother() {
		sendThree();
		long before = scripts();

		sendThree();

		assertThat(scripts()).isEqualTo(before + 2);
	}

	private void sendThree() {
		String[] notifications = Stream.generate(UUID::randomUUID)
			.limit(3)
			.map((id) -> SampleClient.notification("n-" + id, "user-1"))
			.toArray(String[]::new);
		assertThat(client().notifyAll(notifications).join().status()).isEqualTo(207);
	}

	/** Count the scripts that Redis has run: one for each time that it was asked. */
	private long scripts() {
		RedisCallback<Properties> statistics = (connection) -> connection.serverCommands().info("commandstats");
		Matcher calls = Pattern.compile("calls=(\\d+)")
			.matcher(Objects.requireNonNull(this.redis.execute(statistics)).getProperty("cmdstat_evalsha"));
		assertThat(calls.find()).isTrue();
		return Long.parseLong(calls.group(1));
	}

}
