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

package io.idempotency.web;

import java.lang.reflect.Method;

import io.idempotency.OnConcurrent;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationSettings;
import io.idempotency.method.MethodOperation;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.service.annotation.HttpExchange;

/**
 * What is the same for annotated handlers of both stacks.
 */
public final class HandlerMethods {

	private HandlerMethods() {
	}

	/**
	 * Return whether the dispatcher calls a method.
	 * @param method the method
	 * @param targetClass the class of its object
	 * @return whether it is a handler of a controller
	 */
	public static boolean isHandler(Method method, Class<?> targetClass) {
		return AnnotatedElementUtils.hasAnnotation(targetClass, Controller.class)
				&& (AnnotatedElementUtils.hasAnnotation(method, RequestMapping.class)
						|| AnnotatedElementUtils.hasAnnotation(method, HttpExchange.class));
	}

	/**
	 * Return what counts for requests where nobody set anything.
	 * @return the lowest layer of settings
	 */
	public static OperationSettings settings() {
		return OperationSettings.builder().onConcurrent(OnConcurrent.REJECT).build();
	}

	/**
	 * Refuse a controller in whose proxy the dispatcher finds no handler.
	 * @param operation one of its handlers
	 * @param bean the controller, which is a proxy
	 * @throws InvalidOperationException if it is proxied by its interfaces
	 */
	public static void refuseInterfaceProxy(MethodOperation operation, Object bean) {
		if (AopUtils.isJdkDynamicProxy(bean)) {
			throw new InvalidOperationException(operation.spec().name(),
					"is a handler of a controller that is proxied by its interfaces, where no mapping is found",
					"Set spring.aop.proxy-target-class=true");
		}
	}

}
