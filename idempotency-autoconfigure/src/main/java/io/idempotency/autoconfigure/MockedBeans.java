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

import java.util.function.Predicate;

import org.springframework.aop.support.AopUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Recognizes a test's mock: it stands for the bean and its guard, and is never proxied.
 * Asks Mockito, which is only on the class path of tests, by reflection.
 */
final class MockedBeans implements Predicate<Object> {

	@Override
	public boolean test(Object bean) {
		ClassLoader classLoader = bean.getClass().getClassLoader();
		if (AopUtils.isAopProxy(bean) || !ClassUtils.isPresent("org.mockito.Mockito", classLoader)) {
			return false;
		}
		Class<?> mockito = ClassUtils.resolveClassName("org.mockito.Mockito", classLoader);
		Class<?> details = ClassUtils.resolveClassName("org.mockito.MockingDetails", classLoader);
		Object ofTheBean = ReflectionUtils.invokeMethod(ClassUtils.getMethod(mockito, "mockingDetails", Object.class),
				null, bean);
		return Boolean.TRUE.equals(ReflectionUtils.invokeMethod(ClassUtils.getMethod(details, "isMock"), ofTheBean));
	}

}
