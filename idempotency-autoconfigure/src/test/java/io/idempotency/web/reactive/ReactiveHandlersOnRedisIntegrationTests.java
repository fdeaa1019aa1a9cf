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

package io.idempotency.web.reactive;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import io.idempotency.autoconfigure.IdempotencyRedisAutoConfiguration;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The same over a store that need not block.
 */
class ReactiveHandlersOnRedisIntegrationTests extends ReactiveHandlersIntegrationTests {

	@Override
	Class<?> application() {
		return OnRedis.class;
	}

	@Override
	Map<String, Object> storeSettings() {
		return Map.of("idempotency.store", "redis", "spring.data.redis.url", RedisServer.shared().url());
	}

	/** None at all, with this store. */
	@Test
	@Override
	void claimsAndEndsHaveThreadsOfTheirOwn() throws Exception {
		storeThreads().names.clear();
		String key = key();

		HttpResponse<byte[]> first = post("/orders", key, "{}");
		HttpResponse<byte[]> second = post("/orders", key, "{}");
		HttpResponse<byte[]> other = post("/orders", key, "{\"another\":1}");

		assertThat(second.body()).isEqualTo(first.body());
		assertThat(other.statusCode()).isEqualTo(422);
		assertThat(storeThreads().names).isEmpty();
	}

	@Test
	void handlerMayNotHoldUpTheDriver() throws Exception {
		String thread = new String(post("/threads", key(), "{}").body(), StandardCharsets.UTF_8);

		assertThat(thread).startsWith("parallel-");
	}

	@Import(ReactiveApplication.class)
	@ImportAutoConfiguration({ DataRedisAutoConfiguration.class, IdempotencyRedisAutoConfiguration.class })
	static class OnRedis {

	}

}
