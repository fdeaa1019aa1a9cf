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

package io.idempotency.web.conformance;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.PropertySource;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.web.cors.CorsConfiguration;

/**
 * What the conformance API has on each stack.
 */
@Configuration(proxyBeanMethods = false)
@PropertySource("classpath:io/idempotency/web/conformance/${conformance.settings:conformance}.properties")
@Import({ ServiceEndpoints.class, StateEndpoints.class, DeclinedAdvice.class })
class ConformanceConfiguration {

	@Bean
	static SwitchableStores switchableStores() {
		return new SwitchableStores();
	}

	@Bean
	Desk desk() {
		return new Desk();
	}

	@Bean
	LedgerService ledgerService(Desk desk) {
		return new LedgerService(desk);
	}

	@Bean(destroyMethod = "shutdownNow")
	Executor conformanceExecutor() {
		return Executors.newCachedThreadPool();
	}

	@Bean
	InMemoryUserDetailsManager users() {
		return new InMemoryUserDetailsManager();
	}

	/** Spring's own would take half a second for each new user. */
	@Bean
	PasswordEncoder passwordEncoder() {
		return new PlainPasswords();
	}

	@Bean
	CorsConfiguration browsers() {
		CorsConfiguration cors = new CorsConfiguration();
		cors.setAllowedOrigins(List.of("https://shop.example", "https://bank.example"));
		cors.setAllowedMethods(List.of("GET", "POST", "PATCH"));
		cors.setAllowedHeaders(List.of("*"));
		cors.setExposedHeaders(List.of("Idempotent-Replayed", "Retry-After", "Link"));
		return cors;
	}

}
