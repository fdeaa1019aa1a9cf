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

package io.idempotency.client;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

import org.springframework.core.MethodParameter;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.service.invoker.HttpRequestValues;
import org.springframework.web.service.invoker.HttpServiceArgumentResolver;

/**
 * Reads {@link OutboundCall} on the methods of an HTTP service interface. For a proxy
 * factory of one's own: it is asked about each parameter, resolves none, and cannot see a
 * method without parameters.
 */
public final class OutboundCallNames implements HttpServiceArgumentResolver {

	@Override
	public boolean resolve(@Nullable Object argument, MethodParameter parameter, HttpRequestValues.Builder request) {
		Method method = parameter.getMethod();
		if (method != null) {
			name(method, request);
		}
		return false;
	}

	/**
	 * Give a request the name that its method has.
	 * @param method the method that was called
	 * @param request the request that it makes
	 */
	public static void name(Method method, HttpRequestValues.Builder request) {
		OutboundCall call = AnnotatedElementUtils.findMergedAnnotation(method, OutboundCall.class);
		if (call != null) {
			request.addAttribute(OutboundName.ATTRIBUTE, OutboundName.of(call.value()).toString());
		}
	}

}
