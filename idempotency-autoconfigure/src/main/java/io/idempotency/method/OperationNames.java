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

package io.idempotency.method;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.regex.Pattern;

import org.springframework.util.ClassUtils;

/**
 * The name of an operation where none is given: class and method in kebab case,
 * {@code PaymentService.charge} becoming {@code payment-service-charge}, so that it works
 * as a property name.
 */
final class OperationNames {

	private static final Pattern WORD_START = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

	private static final Pattern NOT_A_NAME = Pattern.compile("[^a-z0-9-]+");

	private OperationNames() {
	}

	static String of(Method method, Class<?> targetClass) {
		Class<?> owner = Proxy.isProxyClass(targetClass) ? method.getDeclaringClass()
				: ClassUtils.getUserClass(targetClass);
		return kebab(owner.getSimpleName()) + "-" + kebab(method.getName());
	}

	static boolean valid(String name) {
		return !name.isEmpty() && !NOT_A_NAME.matcher(name).find();
	}

	private static String kebab(String name) {
		String words = WORD_START.matcher(name).replaceAll("-").toLowerCase(Locale.ROOT);
		return NOT_A_NAME.matcher(words).replaceAll("-");
	}

}
