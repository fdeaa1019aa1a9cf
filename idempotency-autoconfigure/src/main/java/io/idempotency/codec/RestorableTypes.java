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

package io.idempotency.codec;

import java.lang.reflect.Type;
import java.util.Collection;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.core.io.InputStreamSource;

/**
 * Tells from a declaration alone whether a result can be given to a later caller. Meant
 * for start-up: what passes may still fail to be encoded.
 */
public final class RestorableTypes {

	private static final int MAX_DEPTH = 16;

	private static final List<Class<?>> USED_UP = List.of(Iterator.class, Enumeration.class, AutoCloseable.class,
			Flow.Publisher.class, InputStreamSource.class);

	private static final List<String> USED_UP_NAMES = List.of("org.reactivestreams.Publisher",
			"kotlinx.coroutines.flow.Flow", "org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter",
			"org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody");

	private static final List<Class<?>> NOT_DATA = List.of(Callable.class, Runnable.class, Supplier.class, Thread.class,
			Class.class, ClassLoader.class);

	private static final List<String> NOT_DATA_NAMES = List.of(
			"org.springframework.web.context.request.async.DeferredResult",
			"org.springframework.web.servlet.ModelAndView");

	private RestorableTypes() {
	}

	/**
	 * Return why a result of this declared type cannot be restored.
	 * @param type the declared type of the result
	 * @return the reason, as the end of a sentence that begins with the operation; or
	 * empty if nothing speaks against the type
	 */
	public static Optional<String> reasonAgainst(Type type) {
		return Optional.ofNullable(reason(ResolvableType.forType(type), 0));
	}

	private static @Nullable String reason(ResolvableType type, int depth) {
		if (type.isArray()) {
			return reason(type.getComponentType(), depth + 1);
		}
		Class<?> raw = type.resolve();
		if (raw == null || raw == Object.class) {
			return "returns " + type + ", which does not say what to restore: declare the type of the result";
		}
		String direct = reason(raw);
		if (direct != null || depth > MAX_DEPTH) {
			return direct;
		}
		return isContainer(raw) ? reasonAgainstElements(type, depth) : reasonAgainstContent(type, depth);
	}

	private static @Nullable String reason(Class<?> raw) {
		if (isAny(raw, USED_UP, USED_UP_NAMES)) {
			return "returns " + raw.getName() + ", which can be read only once: return a collection or a value";
		}
		if (Future.class.isAssignableFrom(raw) && raw != CompletableFuture.class) {
			return "returns " + raw.getName() + ", which does not tell when it is done: return a CompletableFuture";
		}
		if (isAny(raw, NOT_DATA, NOT_DATA_NAMES)) {
			return "returns " + raw.getName() + ", which is not data: return a value";
		}
		return null;
	}

	private static boolean isAny(Class<?> raw, List<Class<?>> types, List<String> names) {
		return types.stream().anyMatch((type) -> type.isAssignableFrom(raw))
				|| hierarchy(raw).anyMatch((type) -> names.contains(type.getName()));
	}

	private static Stream<Class<?>> hierarchy(@Nullable Class<?> type) {
		if (type == null) {
			return Stream.empty();
		}
		Stream<Class<?>> above = Stream.concat(hierarchy(type.getSuperclass()),
				Stream.of(type.getInterfaces()).flatMap(RestorableTypes::hierarchy));
		return Stream.concat(Stream.of(type), above);
	}

	private static boolean isContainer(Class<?> raw) {
		return Collection.class.isAssignableFrom(raw) || Map.class.isAssignableFrom(raw);
	}

	/** Elements of no declared type are restored as what JSON makes of them. */
	private static @Nullable String reasonAgainstElements(ResolvableType type, int depth) {
		for (ResolvableType generic : type.getGenerics()) {
			Class<?> raw = generic.resolve(Object.class);
			String reason = (raw != Object.class) ? reason(generic, depth + 1) : null;
			if (reason != null) {
				return reason;
			}
		}
		return null;
	}

	/** What wraps a result says no more about it than its type argument does. */
	private static @Nullable String reasonAgainstContent(ResolvableType type, int depth) {
		Class<?> raw = type.resolve(Object.class);
		boolean wrapper = raw == Optional.class || CompletionStage.class.isAssignableFrom(raw)
				|| raw.getName().equals("org.springframework.http.ResponseEntity");
		if (wrapper && !type.hasGenerics()) {
			return reason(ResolvableType.NONE, depth + 1);
		}
		return wrapper ? reason(type.getGeneric(0), depth + 1) : reasonAgainstElements(type, depth);
	}

}
