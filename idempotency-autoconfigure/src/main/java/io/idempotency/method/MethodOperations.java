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
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import io.idempotency.OnConcurrent;
import io.idempotency.codec.RestorableTypes;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationOrigin;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.OperationSpec;
import io.idempotency.engine.Operations;
import io.idempotency.engine.ResultType;
import io.idempotency.key.Canonicalizer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.core.GenericTypeResolver;
import org.springframework.core.MethodClassKey;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Parses guarded methods, each once. Everything that can be wrong with a declaration is
 * found here, at start-up for beans that are known then, else at the first call.
 */
public final class MethodOperations {

	private static final Log logger = LogFactory.getLog(MethodOperations.class);

	private static final String NO_FINGERPRINT = "none";

	private final ConcurrentMap<MethodClassKey, Optional<MethodOperation>> cache = new ConcurrentHashMap<>();

	private final Operations operations;

	private final Canonicalizer canonicalizer;

	private final ConfigurableBeanFactory beanFactory;

	private final boolean forbidDefaultKey;

	private final List<MethodEdge> edges;

	/**
	 * Create the parser.
	 * @param operations resolves settings
	 * @param canonicalizer digests arguments
	 * @param beanFactory resolves placeholders and bean references
	 * @param forbidDefaultKey whether a key must be given explicitly
	 * @param edges call some of the methods
	 */
	public MethodOperations(Operations operations, Canonicalizer canonicalizer, ConfigurableBeanFactory beanFactory,
			boolean forbidDefaultKey, List<MethodEdge> edges) {
		this.operations = operations;
		this.canonicalizer = canonicalizer;
		this.beanFactory = beanFactory;
		this.forbidDefaultKey = forbidDefaultKey;
		this.edges = List.copyOf(edges);
	}

	/**
	 * Return the operation of a method.
	 * @param method the method that is called
	 * @param targetClass the class of the object behind the proxy
	 * @return the operation, or {@code null} if the method is not guarded
	 * @throws InvalidOperationException if the declaration cannot work
	 */
	public @Nullable MethodOperation of(Method method, Class<?> targetClass) {
		MethodClassKey key = new MethodClassKey(method, targetClass);
		Optional<MethodOperation> known = this.cache.get(key);
		if (known == null) {
			// Not computed inside the map: parsing may ask for guarded beans
			Optional<MethodOperation> parsed = Optional.ofNullable(find(method, targetClass));
			Optional<MethodOperation> other = this.cache.putIfAbsent(key, parsed);
			known = (other != null) ? other : parsed;
		}
		return known.orElse(null);
	}

	/**
	 * A method of an interface and a bridge are the operation of the method behind them.
	 */
	private @Nullable MethodOperation find(Method called, Class<?> targetClass) {
		Method specific = AopUtils.getMostSpecificMethod(called, targetClass);
		return (specific.equals(called) || Proxy.isProxyClass(targetClass)) ? parse(called, targetClass)
				: of(specific, targetClass);
	}

	private @Nullable MethodOperation parse(Method called, Class<?> targetClass) {
		IdempotentAnnotations annotations = IdempotentAnnotations.of(called, targetClass);
		if (!annotations.present()) {
			return null;
		}
		Method method = AopUtils.getMostSpecificMethod(called, targetClass);
		String name = name(annotations, called, targetClass);
		MethodParameters parameters = MethodParameters.of(method, targetClass);
		MethodEdge edge = edge(method, targetClass);
		EachItem each = EachItem.of(name, annotations, method, parameters, edge != null);
		OperationSettings settings = new AnnotationSettings(name, annotations, this::resolve).read(each != null);
		OperationOrigin origin = OperationOrigin.of(method);
		OperationSpec spec = (edge != null && edge.recordsAnswers())
				? this.operations.declare(name, origin, settings, edge.settings())
				: this.operations.declare(name, origin, resultType(name, method, targetClass, each != null), settings,
						(edge != null) ? edge.settings() : otherwise(method),
						MethodTransactions.of(method, targetClass, this.beanFactory));
		if (each != null) {
			EachItem.check(spec);
		}
		MethodOperation.Expressions expressions = expressions(name, annotations, method, parameters);
		if (parameters.steps().length > 0) {
			StepRequirements.check(spec, edge != null && edge.recordsAnswers(), expressions.condition() != null);
		}
		KeySource keySource = keySource(spec, expressions, parameters, edge != null);
		return new MethodOperation(method, spec, keySource, parameters, expressions, this.canonicalizer, edge, each);
	}

	/**
	 * Nobody takes what a scheduler throws, and a task that runs elsewhere is no error.
	 */
	private static OperationSettings otherwise(Method method) {
		boolean task = method.getReturnType() == void.class
				&& MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY).isPresent(Scheduled.class);
		return task ? OperationSettings.builder().onConcurrent(OnConcurrent.SKIP).build() : OperationSettings.UNSET;
	}

	private @Nullable MethodEdge edge(Method method, Class<?> targetClass) {
		return this.edges.stream().filter((edge) -> edge.calls(method, targetClass)).findFirst().orElse(null);
	}

	private String name(IdempotentAnnotations annotations, Method method, Class<?> targetClass) {
		String given = resolve(annotations.string("operation"));
		if (given.isEmpty()) {
			return OperationNames.of(method, targetClass);
		}
		if (!OperationNames.valid(given)) {
			throw new InvalidOperationException(given, "has a name that does not work as a property name",
					"Use lower-case letters, digits and hyphens only");
		}
		return given;
	}

	private ResultType resultType(String name, Method method, Class<?> targetClass, boolean each) {
		boolean suspending = Arrays.stream(method.getParameterTypes())
			.anyMatch((type) -> type.getName().equals("kotlin.coroutines.Continuation"));
		if (suspending) {
			throw new InvalidOperationException(name, "is a suspending function, which is not supported",
					"Annotate a function that does not suspend, or use the Idempotency facade");
		}
		Type returned = returnType(method, targetClass);
		ResultType result = each ? new ResultType(EachItem.resultType(name, returned), false) : ResultType.of(returned);
		RestorableTypes.reasonAgainst(result.type()).ifPresent((reason) -> {
			throw new InvalidOperationException(name,
					"returns " + result.type().getTypeName() + ", which cannot be restored for a duplicate: it "
							+ reason,
					"Return a value, a record, a collection or a CompletableFuture of those, "
							+ "and load what is heavy outside of the guarded method");
		});
		return result;
	}

	/**
	 * A type variable stands for all of the type that the class puts in its place, type
	 * arguments included.
	 */
	private static Type returnType(Method method, Class<?> targetClass) {
		Type declared = method.getGenericReturnType();
		if (declared instanceof TypeVariable) {
			ResolvableType concrete = ResolvableType.forMethodReturnType(method, targetClass);
			Class<?> raw = concrete.resolve();
			if (raw != null && concrete.hasGenerics()) {
				return ResolvableType.forClassWithGenerics(raw, concrete.getGenerics()).getType();
			}
		}
		return GenericTypeResolver.resolveType(declared, targetClass);
	}

	private MethodOperation.Expressions expressions(String name, IdempotentAnnotations annotations, Method method,
			MethodParameters parameters) {
		ArgumentExpression.Parser parser = new ArgumentExpression.Parser(name, method.getParameterCount(),
				parameters.names(), this.beanFactory, this.beanFactory.getBeanClassLoader());
		String fingerprint = resolve(annotations.string("fingerprint"));
		boolean off = fingerprint.equals(NO_FINGERPRINT);
		ArgumentExpression condition = parser.parse("condition", resolve(annotations.string("condition")), false);
		String each = resolve(annotations.string("each"));
		if (!each.isEmpty()) {
			parser.addItem(method.getParameterCount());
		}
		return new MethodOperation.Expressions(
				each.isEmpty() ? parser.parse("key", resolve(annotations.string("key")), false)
						: parser.parse("each", each, false),
				off ? null : parser.parse("fingerprint", fingerprint, false), !off, condition,
				parser.parse("unless", resolve(annotations.string("unless")), true));
	}

	private KeySource keySource(OperationSpec spec, MethodOperation.Expressions expressions,
			MethodParameters parameters, boolean edge) {
		if (expressions.key() != null) {
			return KeySource.EXPRESSION;
		}
		if (parameters.keys().length > 0) {
			return KeySource.PARAMETER;
		}
		if (edge) {
			return KeySource.EDGE;
		}
		if (!parameters.nothingToDigest()) {
			return defaultKey(spec, parameters);
		}
		if (spec.window() != null) {
			return KeySource.WINDOW;
		}
		throw new InvalidOperationException(spec.name(),
				"has no arguments, no key and no window, so every call is the same",
				"Add a window such as \"1d\", a key, or an argument that tells requests apart");
	}

	private KeySource defaultKey(OperationSpec spec, MethodParameters parameters) {
		if (this.forbidDefaultKey) {
			throw new InvalidOperationException(spec.name(),
					"has no explicit key, and idempotency.default-key=forbid forbids a digest of all arguments",
					"Set 'key' or mark a parameter with @IdempotencyKey");
		}
		logger.warn("Operation '" + spec.name() + "' has no explicit key: a digest of (" + parameters.digestedNames()
				+ ") is used, so that two equal requests within " + spec.ttl()
				+ " are one. Where equal requests can be meant twice, such as payments, set 'key'; "
				+ "idempotency.default-key=forbid makes this an error");
		return KeySource.ARGUMENTS;
	}

	private String resolve(String text) {
		String resolved = this.beanFactory.resolveEmbeddedValue(text);
		return (resolved != null) ? resolved : "";
	}

}
