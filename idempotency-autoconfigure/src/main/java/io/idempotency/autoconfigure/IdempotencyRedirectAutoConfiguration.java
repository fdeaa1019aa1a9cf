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

import io.idempotency.client.HostBoundConnector;
import io.idempotency.client.HostBoundRequestFactory;
import io.idempotency.client.OutboundKeys;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;

/**
 * Keeps keys from being carried to other hosts by redirects, in the HTTP clients that
 * Spring Boot 4 builds. Where redirects are not followed there is nothing to do.
 */
@AutoConfiguration(after = IdempotencyClientAutoConfiguration.class)
@ConditionalOnClass(ClientHttpRequestFactoryBuilderCustomizer.class)
@ConditionalOnBean(OutboundKeys.class)
public final class IdempotencyRedirectAutoConfiguration {

	@Bean
	@Order
	ClientHttpRequestFactoryBuilderCustomizer<ClientHttpRequestFactoryBuilder<?>> idempotencyHostBoundRequestFactory(
			OutboundKeys keys) {
		return (builder) -> keys.isActive() ? (settings) -> requestFactory(keys, builder, settings) : builder;
	}

	private static ClientHttpRequestFactory requestFactory(OutboundKeys keys,
			ClientHttpRequestFactoryBuilder<?> builder, @Nullable HttpClientSettings settings) {
		HttpClientSettings usual = (settings != null) ? settings : HttpClientSettings.defaults();
		return follows(usual) ? new HostBoundRequestFactory(keys, builder.build(settings),
				() -> builder.build(usual.withRedirects(HttpRedirects.DONT_FOLLOW))) : builder.build(settings);
	}

	private static boolean follows(HttpClientSettings settings) {
		return settings.redirects() != HttpRedirects.DONT_FOLLOW;
	}

	/**
	 * The same for reactive clients.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ExchangeFilterFunction.class)
	static class ConnectorConfiguration {

		@Bean
		@Order
		ClientHttpConnectorBuilderCustomizer<ClientHttpConnectorBuilder<?>> idempotencyHostBoundConnector(
				OutboundKeys keys) {
			return (builder) -> keys.isActive() ? (settings) -> connector(keys, builder, settings) : builder;
		}

		private static ClientHttpConnector connector(OutboundKeys keys, ClientHttpConnectorBuilder<?> builder,
				@Nullable HttpClientSettings settings) {
			HttpClientSettings usual = (settings != null) ? settings : HttpClientSettings.defaults();
			return follows(usual)
					? new HostBoundConnector(keys, builder.build(settings),
							() -> builder.build(usual.withRedirects(HttpRedirects.DONT_FOLLOW)))
					: builder.build(settings);
		}

	}

}
