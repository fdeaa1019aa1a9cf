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

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

import io.idempotency.client.OutboundKeyFilter;
import io.idempotency.client.OutboundKeyInterceptor;
import io.idempotency.client.OutboundKeys;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionBuilder;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.http.client.support.InterceptingHttpAccessor;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The customizers of clients for Spring Boot 3, whose types have other names there and
 * are not there when this library is compiled.
 */
final class Boot3ClientCustomizers implements ImportBeanDefinitionRegistrar, BeanFactoryAware {

	private static final String REST_CLIENT = "org.springframework.boot.web.client.RestClientCustomizer";

	private static final String REST_TEMPLATE = "org.springframework.boot.web.client.RestTemplateCustomizer";

	private static final String WEB_CLIENT = "org.springframework.boot.web.reactive.function.client.WebClientCustomizer";

	private static final String WEB_CLIENT_ITSELF = "org.springframework.web.reactive.function.client.WebClient";

	@SuppressWarnings("NullAway.Init")
	private BeanFactory beanFactory;

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
		register(registry, REST_CLIENT, this::customizeRestClient);
		register(registry, REST_TEMPLATE, this::customizeRestTemplate);
		if (ClassUtils.isPresent(WEB_CLIENT_ITSELF, classLoader())) {
			register(registry, WEB_CLIENT, (builder) -> new Reactive().customize(this.beanFactory, builder));
		}
	}

	private void register(BeanDefinitionRegistry registry, String typeName, Consumer<Object> customize) {
		if (ClassUtils.isPresent(typeName, classLoader())) {
			Class<?> type = ClassUtils.resolveClassName(typeName, classLoader());
			BeanDefinition customizer = definition(type, customize);
			registry.registerBeanDefinition("idempotency" + type.getSimpleName(), customizer);
		}
	}

	private <T> BeanDefinition definition(Class<T> type, Consumer<Object> customize) {
		return BeanDefinitionBuilder.rootBeanDefinition(type, () -> proxy(type, customize)).getBeanDefinition();
	}

	private <T> T proxy(Class<T> type, Consumer<Object> customize) {
		InvocationHandler handler = (proxy, method, arguments) -> {
			if (ReflectionUtils.isObjectMethod(method)) {
				return method.invoke(customize, arguments);
			}
			if (this.beanFactory.getBean(OutboundKeys.class).isActive()) {
				customize.accept(arguments[0]);
			}
			return null;
		};
		return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, handler));
	}

	private void customizeRestClient(Object builder) {
		((RestClient.Builder) builder).requestInterceptors((interceptors) -> interceptors.add(0, interceptor()));
	}

	private void customizeRestTemplate(Object template) {
		((InterceptingHttpAccessor) template).getInterceptors().add(0, interceptor());
	}

	private OutboundKeyInterceptor interceptor() {
		return this.beanFactory.getBean(OutboundKeyInterceptor.class);
	}

	private @Nullable ClassLoader classLoader() {
		return Boot3ClientCustomizers.class.getClassLoader();
	}

	/**
	 * Apart, because WebFlux may be missing.
	 */
	private static final class Reactive {

		void customize(BeanFactory beanFactory, Object builder) {
			beanFactory.getBean(OutboundKeyFilter.class).applyTo((WebClient.Builder) builder);
		}

	}

}
