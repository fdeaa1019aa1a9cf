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

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.Operations;
import io.idempotency.method.MethodOperations;
import io.idempotency.web.HttpRules;
import io.idempotency.web.RouteSecurity;
import io.idempotency.web.Routes;
import io.idempotency.web.reactive.EngineCalls;
import io.idempotency.web.reactive.ErrorPages;
import io.idempotency.web.reactive.GuardedHandlerAdapter;
import io.idempotency.web.reactive.IdempotencyWebFilter;
import io.idempotency.web.reactive.IdempotentEndpoints;
import io.idempotency.web.reactive.ReactiveHandlerEdge;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.reactive.HandlerAdapter;
import org.springframework.web.reactive.HandlerResultHandler;
import org.springframework.web.reactive.result.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.util.pattern.PathPattern;

/**
 * The HTTP contract for handlers of Spring WebFlux.
 */
@AutoConfiguration(after = IdempotencyWebAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass(DispatcherHandler.class)
@ConditionalOnBean(HttpRules.class)
public final class IdempotencyWebFluxAutoConfiguration {

	@Bean
	ReactiveHandlerEdge idempotencyReactiveHandlerEdge(HttpRules rules) {
		return new ReactiveHandlerEdge(rules);
	}

	@Bean(destroyMethod = "close")
	EngineCalls idempotencyEngineCalls(HttpRules rules, ObjectProvider<IdempotencyEngine> engine) {
		return new EngineCalls(rules, SingletonSupplier.of(engine::getObject));
	}

	@Bean
	IdempotencyWebFilter idempotencyWebFilter(HttpRules rules, EngineCalls calls,
			ObjectProvider<WebExceptionHandler> exceptionHandlers, IdempotencyProperties properties) {
		return new IdempotencyWebFilter(rules, calls, new ErrorPages(() -> exceptionHandlers.orderedStream().toList()),
				properties.web().filterOrder());
	}

	@Bean
	GuardedHandlerAdapter idempotencyGuardedHandlerAdapter(HttpRules rules, ObjectProvider<MethodOperations> operations,
			Routes routes, ObjectProvider<HandlerAdapter> adapters,
			ObjectProvider<HandlerResultHandler> resultHandlers) {
		return new GuardedHandlerAdapter(rules, SingletonSupplier.of(operations::getObject), routes,
				SingletonSupplier.of(() -> adapters.orderedStream().toList()),
				SingletonSupplier.of(() -> resultHandlers.orderedStream().toList()));
	}

	@Bean
	IdempotentEndpoints idempotentEndpoints(HttpRules rules, Routes routes, Operations operations) {
		return new IdempotentEndpoints(rules, routes, operations);
	}

	@Bean
	SmartInitializingSingleton idempotencyRouteSecurity(Routes routes,
			ObjectProvider<RequestMappingInfoHandlerMapping> mappings) {
		RouteSecurity security = new RouteSecurity(routes);
		return () -> mappings.forEach((mapping) -> mapping.getHandlerMethods()
			.forEach((info, handler) -> security.check(handler, info.getMethodsCondition().getMethods(),
					info.getPatternsCondition().getPatterns().stream().map(PathPattern::getPatternString).toList())));
	}

}
