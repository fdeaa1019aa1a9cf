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

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;

/**
 * The declared type of a value, as far as the digest needs it: a value of another class
 * than the declared one is digested with the name of its class. What is inside of a
 * container is resolved when it is first asked for, because types may be recursive.
 */
final class Declared {

	/** For a value on its own, that is nobody's member, element or argument. */
	static final Declared NOWHERE = new Declared(null, ResolvableType.NONE);

	private final @Nullable Class<?> raw;

	private final ResolvableType type;

	private volatile @Nullable Declared element;

	private volatile @Nullable Declared key;

	private Declared(@Nullable Class<?> raw, ResolvableType type) {
		this.raw = raw;
		this.type = type;
	}

	static Declared of(ResolvableType type) {
		Class<?> raw = type.resolve(Object.class);
		if (raw == Optional.class) {
			return of(type.getGeneric(0));
		}
		return new Declared(raw, type);
	}

	boolean differsFrom(Class<?> actual) {
		return this.raw != null && this.raw != actual;
	}

	/** The elements of a collection or array, or the values of a map. */
	Declared element() {
		Declared result = this.element;
		if (result == null) {
			result = of(elementType());
			this.element = result;
		}
		return result;
	}

	/** The keys of a map. */
	Declared key() {
		Declared result = this.key;
		if (result == null) {
			result = of(this.type.asMap().getGeneric(0));
			this.key = result;
		}
		return result;
	}

	private ResolvableType elementType() {
		if (this.type.isArray()) {
			return this.type.getComponentType();
		}
		ResolvableType map = this.type.asMap();
		return (map != ResolvableType.NONE) ? map.getGeneric(1) : this.type.asCollection().getGeneric(0);
	}

	/** What is in an optional, or {@code null}; any other value as it is. */
	static @Nullable Object unwrap(@Nullable Object value) {
		Object result = value;
		while (result instanceof Optional<?> optional) {
			result = optional.orElse(null);
		}
		if (result instanceof OptionalInt number) {
			return number.isPresent() ? number.getAsInt() : null;
		}
		if (result instanceof OptionalLong number) {
			return number.isPresent() ? number.getAsLong() : null;
		}
		if (result instanceof OptionalDouble number) {
			return number.isPresent() ? number.getAsDouble() : null;
		}
		return result;
	}

}
