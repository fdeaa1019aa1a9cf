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

package io.idempotency.key;

import java.lang.reflect.Proxy;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * What must not be taken for data although it may have getters.
 */
final class UndigestibleTypes {

	private static final List<Class<?>> NO_VALUES = List.of(AutoCloseable.class, Throwable.class, Iterator.class,
			Future.class, CompletionStage.class);

	private static final List<String> PLATFORM = List.of("java.", "javax.", "jdk.", "sun.", "com.sun.");

	private static final List<String> INFRASTRUCTURE = List.of("jakarta.servlet.", "javax.servlet.",
			"org.reactivestreams.", "org.springframework.beans.", "org.springframework.context.",
			"org.springframework.http.", "org.springframework.ui.", "org.springframework.validation.",
			"org.springframework.web.");

	private UndigestibleTypes() {
	}

	static @Nullable String reason(Class<?> type) {
		if (type.isHidden() || type.isSynthetic()) {
			return "it is code, not data";
		}
		if (Proxy.isProxyClass(type)) {
			return "it is a proxy, whose content is not known";
		}
		for (Class<?> noValue : NO_VALUES) {
			if (noValue.isAssignableFrom(type)) {
				return "its content can be used only once, or is not data";
			}
		}
		if (startsWithAny(type, PLATFORM)) {
			return "it has no canonical form";
		}
		return infrastructure(type) ? "it belongs to the infrastructure, not to what is asked for" : null;
	}

	private static boolean infrastructure(Class<?> type) {
		for (Class<?> current = type; current != null; current = current.getSuperclass()) {
			if (startsWithAny(current, INFRASTRUCTURE)) {
				return true;
			}
		}
		for (Class<?> implemented : ClassUtils.getAllInterfacesForClassAsSet(type)) {
			if (startsWithAny(implemented, INFRASTRUCTURE)) {
				return true;
			}
		}
		return false;
	}

	private static boolean startsWithAny(Class<?> type, List<String> prefixes) {
		String name = type.getName();
		return prefixes.stream().anyMatch(name::startsWith);
	}

}
