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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.service.annotation.HttpExchange;

/**
 * The HTTP methods that a handler is mapped to, in upper case.
 */
public final class MappedMethods {

	private MappedMethods() {
	}

	/**
	 * Return the methods of a handler.
	 * @param handler the handler
	 * @return those that its mapping names, or all that there are if it names none
	 */
	public static List<String> of(Method handler) {
		List<String> names = named(handler);
		return names.isEmpty() ? names(RequestMethod.values()) : names;
	}

	/** Those that the mapping names, in its order. */
	static List<String> named(Method handler) {
		RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(handler, RequestMapping.class);
		if (mapping != null) {
			return names(mapping.method());
		}
		HttpExchange exchange = AnnotatedElementUtils.findMergedAnnotation(handler, HttpExchange.class);
		return (exchange == null || exchange.method().isEmpty()) ? List.of()
				: List.of(exchange.method().toUpperCase(Locale.ROOT));
	}

	private static List<String> names(RequestMethod[] methods) {
		return Arrays.stream(methods).map(Enum::name).toList();
	}

}
