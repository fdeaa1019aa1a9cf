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
import io.idempotency.web.servlet.AnswerSignalResolver;
import io.idempotency.web.servlet.GuardedHandlerInterceptor;
import io.idempotency.web.servlet.IdempotencyFilter;
import io.idempotency.web.servlet.IdempotentEndpoints;
import io.idempotency.web.servlet.RouteAdmission;
import io.idempotency.web.servlet.RoutedHandlerAdapter;
import io.idempotency.web.servlet.ServletHandlerEdge;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletRequest;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerAdapter;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/**
 * The HTTP contract for handlers of Spring MVC.
 */
@AutoConfiguration(after = IdempotencyWebAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({ DispatcherServlet.class, ServletRequest.class })
@ConditionalOnBean(HttpRules.class)
public final class IdempotencyWebMvcAutoConfiguration {

	@Bean
	ServletHandlerEdge idempotencyServletHandlerEdge(HttpRules rules, ObjectProvider<IdempotencyEngine> engine) {
		return new ServletHandlerEdge(rules, SingletonSupplier.of(engine::getObject));
	}

	@Bean
	RouteAdmission idempotencyRouteAdmission(HttpRules rules, Routes routes, ObjectProvider<IdempotencyEngine> engine) {
		return new RouteAdmission(rules, routes, SingletonSupplier.of(engine::getObject));
	}

	@Bean
	RoutedHandlerAdapter idempotencyRoutedHandlerAdapter(RouteAdmission admission,
			ObjectProvider<HandlerAdapter> adapters) {
		return new RoutedHandlerAdapter(admission, SingletonSupplier.of(() -> adapters.orderedStream().toList()));
	}

	@Bean
	IdempotentEndpoints idempotentEndpoints(RouteAdmission admission, Operations operations) {
		return new IdempotentEndpoints(admission, operations);
	}

	@Bean
	FilterRegistrationBean<IdempotencyFilter> idempotencyFilter(HttpRules rules, IdempotencyProperties properties) {
		FilterRegistrationBean<IdempotencyFilter> filter = new FilterRegistrationBean<>(new IdempotencyFilter(rules));
		filter.setOrder(properties.web().filterOrder());
		filter.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.FORWARD, DispatcherType.ASYNC,
				DispatcherType.ERROR);
		return filter;
	}

	@Bean
	AnswerSignalResolver idempotencyAnswerSignalResolver() {
		return new AnswerSignalResolver();
	}

	@Bean
	WebMvcConfigurer idempotencyWebMvcConfigurer(ObjectProvider<MethodOperations> operations,
			ObjectProvider<RouteAdmission> admission) {
		return new WebMvcConfigurer() {

			@Override
			public void addInterceptors(InterceptorRegistry registry) {
				registry
					.addInterceptor(new GuardedHandlerInterceptor(SingletonSupplier.of(operations::getObject),
							admission.getObject()))
					.order(Ordered.HIGHEST_PRECEDENCE);
			}

		};
	}

	@Bean
	SmartInitializingSingleton idempotencyRouteSecurity(Routes routes,
			ObjectProvider<RequestMappingInfoHandlerMapping> mappings) {
		RouteSecurity security = new RouteSecurity(routes);
		return () -> mappings.forEach((mapping) -> mapping.getHandlerMethods()
			.forEach((info, handler) -> security.check(handler, info.getMethodsCondition().getMethods(),
					info.getPatternValues())));
	}

}
