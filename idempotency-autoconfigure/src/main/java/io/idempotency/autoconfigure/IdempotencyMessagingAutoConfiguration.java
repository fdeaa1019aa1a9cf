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

import io.idempotency.key.Canonicalizer;
import io.idempotency.messaging.MessageKey;
import io.idempotency.messaging.OutboundMessageKeys;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * What the listeners of all brokers share.
 */
@AutoConfiguration(before = IdempotencyAutoConfiguration.class)
@ConditionalOnProperty(prefix = "idempotency", name = { "enabled", "messaging.enabled" }, havingValue = "true",
		matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
public final class IdempotencyMessagingAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	MessageKey idempotencyMessageKey(IdempotencyProperties properties) {
		return MessageKey.header(properties.messaging().header());
	}

	@Bean
	@ConditionalOnMissingBean
	OutboundMessageKeys idempotencyOutboundMessageKeys(IdempotencyProperties properties, Canonicalizer canonicalizer) {
		return new OutboundMessageKeys(properties.messaging().header(), canonicalizer);
	}

}
