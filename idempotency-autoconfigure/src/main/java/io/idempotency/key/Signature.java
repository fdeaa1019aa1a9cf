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

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;

import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;

/**
 * The arguments that are digested together: how many, their declared types, and their
 * names, which only errors use. Made once per method, immutable.
 */
public final class Signature {

	private final List<String> names;

	private final Declared[] types;

	private Signature(List<String> names, Declared[] types) {
		this.names = List.copyOf(names);
		this.types = types;
	}

	/**
	 * Describe arguments.
	 * @param names what errors call them
	 * @param types their declared types, as many
	 * @return the signature
	 */
	public static Signature of(List<String> names, List<? extends Type> types) {
		if (names.size() != types.size()) {
			throw new IllegalArgumentException(names.size() + " names for " + types.size() + " types");
		}
		return new Signature(names,
				types.stream().map(ResolvableType::forType).map(Declared::of).toArray(Declared[]::new));
	}

	/**
	 * Describe some parameters of a method.
	 * @param method the method
	 * @param targetClass the class by which type variables are resolved
	 * @param names the names of all parameters
	 * @param positions which parameters are digested, in this order
	 * @return the signature
	 */
	public static Signature of(Method method, Class<?> targetClass, List<String> names, int... positions) {
		List<String> chosen = new ArrayList<>();
		Declared[] types = new Declared[positions.length];
		for (int i = 0; i < positions.length; i++) {
			chosen.add(names.get(positions[i]));
			types[i] = Declared.of(ResolvableType
				.forMethodParameter(new MethodParameter(method, positions[i]).withContainingClass(targetClass)));
		}
		return new Signature(chosen, types);
	}

	/**
	 * Return the number of arguments.
	 * @return how many values belong to this signature
	 */
	public int size() {
		return this.types.length;
	}

	String name(int index) {
		return this.names.get(index);
	}

	Declared type(int index) {
		return this.types[index];
	}

}
