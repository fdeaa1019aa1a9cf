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

package io.idempotency.messaging.rabbit;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;

/**
 * Calls methods of Spring AMQP that are not public, or not of the same type in all
 * versions.
 */
final class Reflection {

	private Reflection() {
	}

	@SuppressWarnings("unchecked")
	static <T> T call(Class<?> type, String name, Object target, Object... arguments) {
		T value = (T) get(type, name, target, arguments);
		Assert.state(value != null, () -> "Unknown version of Spring AMQP: nothing from " + name);
		return value;
	}

	static @Nullable Object get(Class<?> type, String name, Object target, Object... arguments) {
		Class<?>[] types = (arguments.length > 0) ? new Class<?>[] { Object.class } : new Class<?>[0];
		Method method = ReflectionUtils.findMethod(type, name, types);
		Assert.state(method != null, () -> "Unknown version of Spring AMQP: no method " + name);
		ReflectionUtils.makeAccessible(method);
		return ReflectionUtils.invokeMethod(method, target, arguments);
	}

}
