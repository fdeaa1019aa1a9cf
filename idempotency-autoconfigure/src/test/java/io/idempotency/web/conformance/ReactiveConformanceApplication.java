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

import java.util.Map;

import io.idempotency.web.conformance.Desk.Receipt;
import reactor.core.publisher.Mono;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableReactiveMethodSecurity;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity.CsrfSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.HeaderSpec.CacheSpec;
import org.springframework.security.core.userdetails.ReactiveUserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.UrlBasedCorsConfigurationSource;
import org.springframework.web.reactive.config.BlockingExecutionConfigurer;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.result.view.ViewResolver;

/**
 * The conformance API on the reactive stack and Netty, with Spring Security and
 * compression in front of it. Its guarded handlers return publishers; what is not guarded
 * is shared with the servlet stack, and has threads that may block.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = { DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class,
		FlywayAutoConfiguration.class, TomcatReactiveWebServerAutoConfiguration.class,
		JettyReactiveWebServerAutoConfiguration.class })
@EnableWebFluxSecurity
@EnableReactiveMethodSecurity
@Import({ ConformanceConfiguration.class, ReactiveChargeEndpoints.class, ReactiveAnswerEndpoints.class,
		ReactiveMethodEndpoints.class, ReactiveFormEndpoints.class, ReactiveAsyncEndpoints.class,
		ReactiveViewEndpoints.class })
class ReactiveConformanceApplication implements WebFluxConfigurer {

	/** Both stacks are on the class path: this property leaves WebFlux. */
	static final String REACTIVE = "spring.main.web-application-type=reactive";

	public static void main(String[] args) {
		ConformanceApplication.run(ReactiveConformanceApplication.class, args);
	}

	@Override
	public void configureBlockingExecution(BlockingExecutionConfigurer configurer) {
		configurer.setExecutor(new SimpleAsyncTaskExecutor("blocking-"));
	}

	@Bean
	RouterFunction<ServerResponse> functionalCharges(Desk desk) {
		return RouterFunctions.route()
			.POST("/functional/charges",
					(request) -> ServerResponse.ok()
						.body(desk.later(request.headers().firstHeader(Desk.PROBE), null), Receipt.class))
			.build();
	}

	@Bean
	ReactiveUserDetailsService reactiveUsers(InMemoryUserDetailsManager users) {
		return (name) -> Mono.fromCallable(() -> users.userExists(name) ? users.loadUserByUsername(name) : null);
	}

	@Bean
	ViewResolver viewResolver() {
		return (name, locale) -> Mono.just(new ReactiveReceiptView());
	}

	@Bean
	SecurityWebFilterChain securityFilterChain(ServerHttpSecurity http) {
		return http.csrf(CsrfSpec::disable)
			.headers((headers) -> headers.cache(CacheSpec::disable))
			.cors(Customizer.withDefaults())
			.httpBasic(Customizer.withDefaults())
			.securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
			.authorizeExchange((requests) -> requests.pathMatchers("/secured/url/**")
				.hasRole("PAYER")
				.pathMatchers("/secured/**")
				.authenticated()
				.anyExchange()
				.permitAll())
			.build();
	}

	@Bean
	UrlBasedCorsConfigurationSource corsConfigurationSource(CorsConfiguration browsers) {
		UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
		source.setCorsConfigurations(Map.of("/**", browsers));
		return source;
	}

}
