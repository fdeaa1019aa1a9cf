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

import io.idempotency.Idempotent;

import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.annotation.AnnotationUtils;

/**
 * Matches the methods that {@link Idempotent} applies to.
 */
final class IdempotentPointcut extends StaticMethodMatcherPointcut {

	IdempotentPointcut() {
		setClassFilter((type) -> AnnotationUtils.isCandidateClass(type, Idempotent.class));
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		return IdempotentAnnotations.of(method, targetClass).present();
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof IdempotentPointcut;
	}

	@Override
	public int hashCode() {
		return IdempotentPointcut.class.hashCode();
	}

}
