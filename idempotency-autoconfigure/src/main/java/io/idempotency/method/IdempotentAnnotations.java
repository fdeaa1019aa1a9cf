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
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.stream.Stream;

import io.idempotency.Idempotent;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ReflectionUtils;

/**
 * The {@link Idempotent} annotations that apply to a method, the most specific first: on
 * the method or what it overrides or implements, then on its class or its interfaces.
 */
final class IdempotentAnnotations {

	private final List<MergedAnnotation<Idempotent>> levels;

	private IdempotentAnnotations(List<MergedAnnotation<Idempotent>> levels) {
		this.levels = levels;
	}

	static IdempotentAnnotations of(Method method, Class<?> targetClass) {
		Method specific = AopUtils.getMostSpecificMethod(method, targetClass);
		if (ReflectionUtils.isObjectMethod(specific) || specific.isSynthetic()) {
			return new IdempotentAnnotations(List.of());
		}
		Stream<MergedAnnotation<Idempotent>> levels = Modifier.isPublic(specific.getModifiers())
				? Stream.of(find(MergedAnnotations.from(specific, SearchStrategy.TYPE_HIERARCHY)),
						find(MergedAnnotations.from(targetClass, SearchStrategy.TYPE_HIERARCHY)))
				: Stream.of(find(MergedAnnotations.from(specific, SearchStrategy.TYPE_HIERARCHY)));
		return new IdempotentAnnotations(levels.filter(MergedAnnotation::isPresent).toList());
	}

	boolean present() {
		return !this.levels.isEmpty();
	}

	String string(String attribute) {
		return value(attribute, String.class, "");
	}

	Class<?>[] classes(String attribute) {
		return value(attribute, Class[].class, new Class<?>[0]);
	}

	<E extends Enum<E>> E constant(String attribute, Class<E> type, E unset) {
		return this.levels.stream()
			.filter((level) -> level.hasNonDefaultValue(attribute))
			.findFirst()
			.map((level) -> level.getEnum(attribute, type))
			.orElse(unset);
	}

	private <T> T value(String attribute, Class<T> type, T unset) {
		return this.levels.stream()
			.filter((level) -> level.hasNonDefaultValue(attribute))
			.findFirst()
			.flatMap((level) -> level.getValue(attribute, type))
			.orElse(unset);
	}

	private static MergedAnnotation<Idempotent> find(MergedAnnotations annotations) {
		return annotations.get(Idempotent.class);
	}

}
