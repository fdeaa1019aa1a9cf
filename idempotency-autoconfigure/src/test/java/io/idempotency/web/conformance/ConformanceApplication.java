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

import io.idempotency.web.conformance.Desk.Receipt;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer.CacheControlConfig;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * The conformance API on the servlet stack, with Spring Security and compression in front
 * of it. Can be started by itself.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = { DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class,
		FlywayAutoConfiguration.class })
@EnableMethodSecurity
@Import({ ConformanceConfiguration.class, ChargeEndpoints.class, AnswerEndpoints.class, MethodEndpoints.class,
		FormEndpoints.class, AsyncEndpoints.class, ViewEndpoints.class })
class ConformanceApplication {

	/** Both servers are on the class path: this property leaves Tomcat. */
	static final String TOMCAT = "spring.autoconfigure.exclude="
			+ "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration";

	/** Both servers are on the class path: this property leaves Jetty. */
	static final String JETTY = "spring.autoconfigure.exclude="
			+ "org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration";

	/** What is printed when requests are accepted, followed by the port. */
	static final String READY = "READY ";

	public static void main(String[] args) {
		run(ConformanceApplication.class, args);
	}

	static void run(Class<?> application, String... args) {
		ApplicationContext context = SpringApplication.run(application, args);
		System.out.println(READY + context.getEnvironment().getProperty("local.server.port"));
	}

	@Bean
	RouterFunction<ServerResponse> functionalCharges(Desk desk) {
		return RouterFunctions.route().POST("/functional/charges", (request) -> {
			Receipt receipt = desk.work(request.headers().firstHeader(Desk.PROBE), null);
			return ServerResponse.ok().body(receipt);
		}).build();
	}

	@Bean
	ReceiptView receiptView() {
		return new ReceiptView();
	}

	@Bean
	SecurityFilterChain securityFilterChain(HttpSecurity http) {
		return http.csrf(AbstractHttpConfigurer::disable)
			.headers((headers) -> headers.cacheControl(CacheControlConfig::disable))
			.cors(Customizer.withDefaults())
			.httpBasic(Customizer.withDefaults())
			.sessionManagement((session) -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
			.authorizeHttpRequests((requests) -> requests.requestMatchers("/secured/url/**")
				.hasRole("PAYER")
				.requestMatchers("/secured/**")
				.authenticated()
				.anyRequest()
				.permitAll())
			.build();
	}

	@Bean
	UrlBasedCorsConfigurationSource corsConfigurationSource(CorsConfiguration browsers) {
		UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
		source.registerCorsConfiguration("/**", browsers);
		return source;
	}

}
