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

package io.idempotency.autoconfigure;

import io.idempotency.Idempotency;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/**
 * What is left with {@code idempotency.enabled=false}: a facade that runs everything, so
 * that those who inject it still start.
 */
@AutoConfiguration
@ConditionalOnProperty(prefix = "idempotency", name = "enabled", havingValue = "false")
public final class IdempotencyDisabledAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	Idempotency idempotency() {
		LogFactory.getLog(IdempotencyDisabledAutoConfiguration.class)
			.warn("idempotency.enabled=false: @Idempotent methods run unguarded, duplicates included");
		return new UnguardedIdempotency();
	}

}
