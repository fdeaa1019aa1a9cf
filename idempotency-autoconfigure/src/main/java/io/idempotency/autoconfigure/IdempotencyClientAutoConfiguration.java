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

import io.idempotency.client.OutboundKeyFilter;
import io.idempotency.client.OutboundKeyInterceptor;
import io.idempotency.client.OutboundKeys;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;
import org.springframework.web.service.registry.HttpServiceGroupConfigurer;

/**
 * Lets the clients that Spring Boot builds send keys to the hosts in
 * {@code idempotency.client.hosts}. For a client that is built by hand there are the
 * interceptor and the filter as beans.
 */
@AutoConfiguration(after = IdempotencyAutoConfiguration.class)
@ConditionalOnClass(ClientHttpRequestInterceptor.class)
@ConditionalOnProperty(prefix = "idempotency", name = "enabled", havingValue = "true", matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
@Import(Boot3ClientCustomizers.class)
public final class IdempotencyClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	OutboundKeys idempotencyOutboundKeys(IdempotencyProperties properties) {
		return properties.client().outboundKeys();
	}

	@Bean
	@ConditionalOnMissingBean
	OutboundKeyInterceptor idempotencyOutboundKeyInterceptor(OutboundKeys keys) {
		return new OutboundKeyInterceptor(keys);
	}

	/**
	 * Clients that block.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RestClientCustomizer.class)
	static class RestClientConfiguration {

		@Bean
		RestClientCustomizer idempotencyRestClientCustomizer(OutboundKeys keys, OutboundKeyInterceptor interceptor) {
			return (builder) -> {
				if (keys.isActive()) {
					builder.requestInterceptors((interceptors) -> interceptors.add(0, interceptor));
				}
			};
		}

		@Bean
		RestTemplateCustomizer idempotencyRestTemplateCustomizer(OutboundKeys keys,
				OutboundKeyInterceptor interceptor) {
			return (template) -> {
				if (keys.isActive()) {
					template.getInterceptors().add(0, interceptor);
				}
			};
		}

	}

	/**
	 * The filter for reactive clients.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ExchangeFilterFunction.class)
	static class FilterConfiguration {

		@Bean
		@ConditionalOnMissingBean
		OutboundKeyFilter idempotencyOutboundKeyFilter(OutboundKeys keys) {
			return new OutboundKeyFilter(keys);
		}

		/**
		 * Reactive clients.
		 */
		@Configuration(proxyBeanMethods = false)
		@ConditionalOnClass(WebClientCustomizer.class)
		static class WebClientConfiguration {

			@Bean
			WebClientCustomizer idempotencyWebClientCustomizer(OutboundKeys keys, OutboundKeyFilter filter) {
				return (builder) -> {
					if (keys.isActive()) {
						filter.applyTo(builder);
					}
				};
			}

		}

	}

	/**
	 * Names of calls on the methods of HTTP service interfaces.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(HttpServiceGroupConfigurer.class)
	static class HttpServiceConfiguration {

		@Bean
		RestClientHttpServiceGroupConfigurer idempotencyRestClientCallNames() {
			return HttpServiceNames::read;
		}

		/**
		 * The same for reactive clients.
		 */
		@Configuration(proxyBeanMethods = false)
		@ConditionalOnClass(ExchangeFilterFunction.class)
		static class ReactiveHttpServiceConfiguration {

			@Bean
			WebClientHttpServiceGroupConfigurer idempotencyWebClientCallNames() {
				return HttpServiceNames::read;
			}

		}

	}

}
