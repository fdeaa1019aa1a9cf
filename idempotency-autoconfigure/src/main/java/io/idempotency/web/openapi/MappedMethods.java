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

package io.idempotency.web.openapi;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.service.annotation.HttpExchange;

/**
 * The HTTP methods that a handler is mapped to.
 */
final class MappedMethods {

	private MappedMethods() {
	}

	/** In upper case; all that there are where the mapping does not name any. */
	static Set<String> of(Method handler) {
		Set<String> names = named(handler);
		if (!names.isEmpty()) {
			return names;
		}
		return Arrays.stream(RequestMethod.values()).map(Enum::name).collect(Collectors.toUnmodifiableSet());
	}

	private static Set<String> named(Method handler) {
		RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(handler, RequestMapping.class);
		if (mapping != null) {
			return Arrays.stream(mapping.method()).map(Enum::name).collect(Collectors.toUnmodifiableSet());
		}
		HttpExchange exchange = AnnotatedElementUtils.findMergedAnnotation(handler, HttpExchange.class);
		return (exchange == null || exchange.method().isEmpty()) ? Set.of()
				: Set.of(exchange.method().toUpperCase(Locale.ROOT));
	}

}
