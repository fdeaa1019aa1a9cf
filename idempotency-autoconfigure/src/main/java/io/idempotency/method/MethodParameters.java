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

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyIgnore;
import io.idempotency.IdempotencyKey;
import io.idempotency.key.Signature;
import org.jspecify.annotations.Nullable;

import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.core.annotation.AnnotatedMethod;

/**
 * The parameters of a guarded method: which are the key, and which say what is asked for.
 */
final class MethodParameters {

	private static final ParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();

	/** What carries a request rather than being part of it. */
	private static final List<String> INFRASTRUCTURE = List.of("java.security.Principal",
			"jakarta.servlet.ServletRequest", "jakarta.servlet.ServletResponse", "jakarta.servlet.http.HttpSession",
			"org.springframework.web.context.request.WebRequest", "org.springframework.web.server.ServerWebExchange",
			"org.springframework.http.server.reactive.ServerHttpRequest",
			"org.springframework.http.server.reactive.ServerHttpResponse",
			"org.springframework.web.util.UriComponentsBuilder", "org.springframework.ui.Model",
			"org.springframework.validation.Errors", "org.springframework.kafka.support.Acknowledgment",
			"org.apache.kafka.clients.consumer.Consumer", "com.rabbitmq.client.Channel", "jakarta.jms.Session",
			"io.micrometer.observation.Observation", "io.micrometer.tracing.Span", "io.opentelemetry.api.trace.Span",
			"org.springframework.security.core.Authentication", DurableSteps.class.getName());

	private final String @Nullable [] names;

	private final int[] keys;

	private final int[] digested;

	private final int[] steps;

	private final Signature signature;

	private final String digestedNames;

	private MethodParameters(String @Nullable [] names, int[] keys, int[] digested, int[] steps, Signature signature,
			String digestedNames) {
		this.names = names;
		this.keys = keys;
		this.digested = digested;
		this.steps = steps;
		this.signature = signature;
		this.digestedNames = digestedNames;
	}

	static MethodParameters of(Method method, Class<?> targetClass) {
		MethodParameter[] parameters = new AnnotatedMethod(method).getMethodParameters();
		Class<?>[] types = method.getParameterTypes();
		int[] keys = IntStream.range(0, types.length)
			.filter((i) -> marked(parameters[i], IdempotencyKey.class))
			.toArray();
		int[] digested = IntStream.range(0, types.length)
			.filter((i) -> !marked(parameters[i], IdempotencyIgnore.class) && !infrastructure(types[i]))
			.toArray();
		int[] steps = IntStream.range(0, types.length).filter((i) -> types[i] == DurableSteps.class).toArray();
		String[] names = NAMES.getParameterNames(method);
		List<String> labels = IntStream.range(0, types.length)
			.mapToObj((i) -> (names != null) ? names[i] : "p" + i)
			.toList();
		return new MethodParameters(names, keys, digested, steps, Signature.of(method, targetClass, labels, digested),
				String.join(", ", IntStream.of(digested).mapToObj(labels::get).toList()));
	}

	String @Nullable [] names() {
		return this.names;
	}

	int[] keys() {
		return this.keys;
	}

	/**
	 * Return which parameters are the steps of the run.
	 * @return their positions
	 */
	int[] steps() {
		return this.steps;
	}

	boolean nothingToDigest() {
		return this.digested.length == 0;
	}

	/**
	 * Return the arguments that say what is asked for.
	 * @param arguments all arguments
	 * @return those of {@link #signature()}
	 */
	@Nullable Object[] digested(@Nullable Object[] arguments) {
		@Nullable Object[] chosen = new Object[this.digested.length];
		for (int i = 0; i < chosen.length; i++) {
			chosen[i] = arguments[this.digested[i]];
		}
		return chosen;
	}

	Signature signature() {
		return this.signature;
	}

	String digestedNames() {
		return this.digestedNames;
	}

	private static boolean marked(MethodParameter parameter, Class<? extends Annotation> annotation) {
		return parameter.hasParameterAnnotation(annotation);
	}

	private static boolean infrastructure(@Nullable Class<?> type) {
		return type != null && (INFRASTRUCTURE.contains(type.getName()) || infrastructure(type.getSuperclass())
				|| Stream.of(type.getInterfaces()).anyMatch(MethodParameters::infrastructure));
	}

}
