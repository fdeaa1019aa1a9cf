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

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.idempotency.engine.Operations;
import io.idempotency.web.HeaderScopeResolver;
import io.idempotency.web.HttpResolutions;
import io.idempotency.web.HttpRules;
import io.idempotency.web.IdempotencyKeyHeader;
import io.idempotency.web.IdempotencyProblemAdvice;
import io.idempotency.web.PrincipalScopeResolver;
import io.idempotency.web.Problems;
import io.idempotency.web.RecordedHeaders;
import io.idempotency.web.RecordingPolicy;
import io.idempotency.web.RequestBodies;
import io.idempotency.web.Routes;
import io.idempotency.web.ScopeResolver;
import io.idempotency.web.Scopes;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ProblemDetail;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.util.unit.DataSize;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * The rules of the HTTP contract, for the stack that is there.
 */
@AutoConfiguration
@ConditionalOnWebApplication
@ConditionalOnClass(ProblemDetail.class)
@ConditionalOnProperty(prefix = "idempotency", name = { "enabled", "web.enabled" }, havingValue = "true",
		matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
public final class IdempotencyWebAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	Problems idempotencyProblems(MessageSource messages, IdempotencyProperties properties) {
		return new Problems(messages, properties.web().problemBase(), properties.web().documentation());
	}

	@Bean
	@ConditionalOnMissingBean
	IdempotencyProblemAdvice idempotencyProblemAdvice(Problems problems) {
		return new IdempotencyProblemAdvice(problems);
	}

	@Bean
	HttpRules idempotencyHttpRules(IdempotencyProperties properties, ObjectProvider<ScopeResolver> resolvers,
			Problems problems) {
		WebProperties web = properties.web();
		Set<String> methods = IdempotencyProperties.valid("idempotency.web.methods", web.methods(),
				(given) -> HttpRules.guardable(upperCase(given)));
		Map<String, Boolean> required = properties.keyRequired();
		return new HttpRules(
				IdempotencyProperties.valid("idempotency.web.header", web.header(),
						(name) -> new IdempotencyKeyHeader(name, web.keySyntax(), web.keyFormat())),
				(operation) -> required.getOrDefault(operation, web.keyRequired()), methods, web.keyScope(),
				web.fingerprint(), bodies(web), bytes("idempotency.web.max-response-body", web.maxResponseBody()),
				new RecordingPolicy(web.serverErrors()),
				IdempotencyProperties.valid("idempotency.web.recorded-headers", web.recordedHeaders(),
						(names) -> new RecordedHeaders(names, web.header())),
				scopes(web.scope(), resolvers.orderedStream()), problems);
	}

	private static RequestBodies bodies(WebProperties web) {
		int limit = bytes("idempotency.web.max-request-body", web.maxRequestBody());
		DataSize memory = web.requestBodyMemory();
		if (memory == null) {
			return new RequestBodies(limit, Math.max(limit, Runtime.getRuntime().maxMemory() / 4));
		}
		return IdempotencyProperties.valid("idempotency.web.request-body-memory", memory,
				(value) -> new RequestBodies(limit, value.toBytes()));
	}

	private static Set<String> upperCase(Set<String> methods) {
		return methods.stream().map((each) -> each.toUpperCase(Locale.ROOT)).collect(Collectors.toSet());
	}

	private static int bytes(String property, DataSize size) {
		return IdempotencyProperties.valid(property, size, (value) -> {
			if (value.isNegative() || value.toBytes() > DataSize.ofGigabytes(1).toBytes()) {
				throw new IllegalArgumentException("It is kept in memory: use 0 to 1GB");
			}
			return (int) value.toBytes();
		});
	}

	private static Scopes scopes(WebProperties.Scope scope, Stream<ScopeResolver> ofApplication) {
		List<ScopeResolver> resolvers = scopeResolvers(scope, ofApplication);
		return IdempotencyProperties.valid("idempotency.web.scope.anonymous", scope.anonymous(),
				(anonymous) -> new Scopes(resolvers, anonymous));
	}

	private static List<ScopeResolver> scopeResolvers(WebProperties.Scope scope, Stream<ScopeResolver> ofApplication) {
		List<ScopeResolver> resolvers = new ArrayList<>();
		if (scope.principal()) {
			resolvers.add(new PrincipalScopeResolver());
		}
		scope.headers()
			.forEach((header) -> resolvers
				.add(IdempotencyProperties.valid("idempotency.web.scope.headers", header, HeaderScopeResolver::new)));
		ofApplication.forEach(resolvers::add);
		return resolvers;
	}

	@Bean
	Routes idempotencyRoutes(HttpRules rules, IdempotencyProperties properties, ObjectProvider<Operations> operations,
			ObjectProvider<InstantSource> clock) {
		List<Routes.Route> routes = new ArrayList<>();
		properties.web()
			.routes()
			.forEach((name, route) -> routes
				.add(new Routes.Route(methods(rules, name, route), paths(name, route), SingletonSupplier.of(() -> Routes
					.declare(operations.getObject(), name, "the route idempotency.web.routes." + name)))));
		return new Routes(IdempotencyAutoConfiguration.clock(clock), routes);
	}

	@Bean
	HttpResolutions idempotencyHttpResolutions(HttpRules rules, Routes routes, ObjectProvider<Operations> operations) {
		return new HttpResolutions(rules, routes, operations::getObject);
	}

	@Bean
	SmartInitializingSingleton idempotencyRoutesAtStartup(Routes routes) {
		return routes::resolve;
	}

	private static Set<String> methods(HttpRules rules, String name, WebProperties.Route route) {
		if (route.methods().isEmpty()) {
			return rules.methods();
		}
		return IdempotencyProperties.valid("idempotency.web.routes." + name + ".methods", route.methods(), (given) -> {
			Set<String> methods = upperCase(given);
			if (!rules.methods().containsAll(methods)) {
				throw new IllegalArgumentException(
						"Only " + rules.methods() + " can be guarded: add the other ones to idempotency.web.methods");
			}
			return methods;
		});
	}

	private static List<PathPattern> paths(String name, WebProperties.Route route) {
		return IdempotencyProperties.valid("idempotency.web.routes." + name + ".paths", route.paths(), (given) -> {
			if (given.isEmpty()) {
				throw new IllegalArgumentException("A route needs a path");
			}
			return given.stream().map(PathPatternParser.defaultInstance::parse).toList();
		});
	}

}
