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

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyWebFluxAutoConfiguration;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.NonBlockingStore;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.ReactiveMultipartAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.error.ErrorWebFluxAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.annotation.method.configuration.EnableReactiveMethodSecurity;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.userdetails.MapReactiveUserDetailsService;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.web.server.SecurityWebFilterChain;

/**
 * An application on Reactor Netty with Spring Security in front, whose store notes which
 * threads call it.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ NettyReactiveWebServerAutoConfiguration.class, HttpHandlerAutoConfiguration.class,
		WebFluxAutoConfiguration.class, ErrorWebFluxAutoConfiguration.class, ReactiveMultipartAutoConfiguration.class,
		JacksonAutoConfiguration.class, CodecsAutoConfiguration.class, IdempotencyAutoConfiguration.class,
		IdempotencyWebAutoConfiguration.class, IdempotencyWebFluxAutoConfiguration.class })
@EnableWebFluxSecurity
@EnableReactiveMethodSecurity
@Import({ ReactiveHandlers.class, ReactiveHandlers.Ledger.class })
class ReactiveApplication {

	@Bean
	static StoreThreads storeThreads() {
		return new StoreThreads();
	}

	@Bean
	SecurityWebFilterChain security(ServerHttpSecurity http) {
		return http.csrf(ServerHttpSecurity.CsrfSpec::disable).httpBasic((basic) -> {
		}).authorizeExchange((exchanges) -> exchanges.anyExchange().permitAll()).build();
	}

	@Bean
	MapReactiveUserDetailsService users() {
		return new MapReactiveUserDetailsService(User.withUsername("alice").password("{noop}a").roles("ADMIN").build(),
				User.withUsername("bob").password("{noop}b").roles("USER").build());
	}

	/** Wraps the store. */
	static final class StoreThreads implements BeanPostProcessor {

		/** What is not for the server. */
		private static final Set<String> IDLE = Set.of("name", "signals", "nonBlocking", "hashCode");

		/** The verbs that were called by a thread that must not block. */
		final Queue<String> onEventLoops = new ConcurrentLinkedQueue<>();

		final Queue<String> names = new ConcurrentLinkedQueue<>();

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			if (!(bean instanceof IdempotencyStore store)) {
				return bean;
			}
			Class<?> type = (store instanceof NonBlockingStore) ? NonBlockingStore.class : IdempotencyStore.class;
			return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { type },
					(proxy, method, arguments) -> {
						note(method.getName());
						return call(store, method, arguments);
					});
		}

		private void note(String verb) {
			if (IDLE.contains(verb)) {
				return;
			}
			this.names.add(Thread.currentThread().getName());
			if (Schedulers.isInNonBlockingThread()) {
				this.onEventLoops.add(verb + " on " + Thread.currentThread().getName());
			}
		}

		static @Nullable Object call(Object target, java.lang.reflect.Method method, Object @Nullable [] arguments)
				throws Throwable {
			try {
				return method.invoke(target, arguments);
			}
			catch (InvocationTargetException ex) {
				throw ex.getCause();
			}
		}

	}

}
