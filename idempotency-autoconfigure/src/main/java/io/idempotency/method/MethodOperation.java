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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.idempotency.IdempotencyKeyInvalidException;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.OperationSpec;
import io.idempotency.key.Canonicalizer;
import io.idempotency.key.UndigestibleArgumentException;
import io.idempotency.store.Fingerprint;
import org.jspecify.annotations.Nullable;

import org.springframework.expression.EvaluationException;

/**
 * A guarded method, parsed once: its operation, and how each call's key, fingerprint and
 * conditions come from the arguments. Immutable and safe for use by many threads.
 */
public final class MethodOperation {

	private static final String KEY_OF_WINDOW = "-";

	private final Method method;

	private final OperationSpec spec;

	private final KeySource keySource;

	private final MethodParameters parameters;

	private final Expressions expressions;

	private final Canonicalizer canonicalizer;

	private final @Nullable MethodEdge edge;

	private final @Nullable EachItem each;

	MethodOperation(Method method, OperationSpec spec, KeySource keySource, MethodParameters parameters,
			Expressions expressions, Canonicalizer canonicalizer, @Nullable MethodEdge edge, @Nullable EachItem each) {
		this.method = method;
		this.spec = spec;
		this.keySource = keySource;
		this.parameters = parameters;
		this.expressions = expressions;
		this.canonicalizer = canonicalizer;
		this.edge = edge;
		this.each = each;
	}

	/**
	 * Return the method.
	 * @return the most specific one, which is behind interfaces and bridges
	 */
	public Method method() {
		return this.method;
	}

	/**
	 * Return what does not change from call to call.
	 * @return the operation
	 */
	public OperationSpec spec() {
		return this.spec;
	}

	KeySource keySource() {
		return this.keySource;
	}

	/**
	 * Return whether the key of a call is the edge's to bring, because the method names
	 * none.
	 * @return whether it is, which is never the case for a method without an edge
	 */
	public boolean needsKeyOfEdge() {
		return this.keySource == KeySource.EDGE;
	}

	/**
	 * Describe where the key of a call comes from.
	 * @return a few words for people
	 */
	public String keyDescription() {
		return (this.edge != null && needsKeyOfEdge()) ? this.edge.keyDescription() : this.keySource.toString();
	}

	int[] stepsParameters() {
		return this.parameters.steps();
	}

	@Nullable MethodEdge edge() {
		return this.edge;
	}

	@Nullable EachItem each() {
		return this.each;
	}

	boolean applies(@Nullable Object[] arguments) {
		ArgumentExpression condition = this.expressions.condition();
		try {
			return condition == null || condition.isTrue(arguments, null);
		}
		catch (EvaluationException ex) {
			throw notEvaluated(ex);
		}
	}

	GuardedCall describe(@Nullable Object[] arguments, Instant now) {
		return valid(
				() -> GuardedCall.of(this.spec, "", key(arguments), fingerprint(arguments), now, unless(arguments)));
	}

	List<GuardedCall> describeEach(List<@Nullable Object> items, @Nullable Object[] arguments, Instant now) {
		EachItem each = Objects.requireNonNull(this.each);
		List<GuardedCall> calls = new ArrayList<>(items.size());
		for (Object item : items) {
			@Nullable Object[] seen = each.seen(arguments, item);
			calls.add(valid(
					() -> GuardedCall.of(this.spec, "", key(seen), fingerprint(each, item, seen), now, unless(seen))));
		}
		return calls;
	}

	GuardedCall describe(String identity, String scope, @Nullable String edgesKey,
			Supplier<@Nullable Fingerprint> request, @Nullable Object[] arguments, Instant now) {
		return valid(() -> {
			String key = needsKeyOfEdge() ? edgesKey : key(arguments);
			return GuardedCall.of(this.spec, identity, scope, key, fingerprint(request, arguments), now,
					unless(arguments));
		});
	}

	private GuardedCall valid(Supplier<GuardedCall> call) {
		try {
			return call.get();
		}
		catch (UndigestibleArgumentException ex) {
			throw new IdempotencyKeyInvalidException(this.spec.name(),
					"Operation '" + this.spec.name()
							+ "' was called with an argument that cannot be digested. Nothing ran. " + ex.getMessage(),
					ex);
		}
		catch (EvaluationException ex) {
			throw notEvaluated(ex);
		}
	}

	private IdempotencyKeyInvalidException notEvaluated(EvaluationException ex) {
		return new IdempotencyKeyInvalidException(this.spec.name(), "An expression of operation '" + this.spec.name()
				+ "' does not fit this call. Nothing ran. " + ex.getMessage(), ex);
	}

	private @Nullable String key(@Nullable Object[] arguments) {
		return switch (this.keySource) {
			case EXPRESSION -> text(this.expressions.requiredKey().evaluate(arguments, null));
			case PARAMETER -> parameterKey(arguments);
			case ARGUMENTS -> HexFormat.of()
				.formatHex(this.canonicalizer.digest(this.parameters.signature(), this.parameters.digested(arguments)));
			case WINDOW -> KEY_OF_WINDOW;
			case EDGE -> throw new IllegalStateException("Only an edge calls " + this.method);
		};
	}

	private @Nullable String parameterKey(@Nullable Object[] arguments) {
		int[] positions = this.parameters.keys();
		if (positions.length == 1) {
			return text(arguments[positions[0]]);
		}
		List<String> parts = new ArrayList<>(positions.length);
		for (int position : positions) {
			String part = text(arguments[position]);
			if (part == null || part.isBlank()) {
				return null;
			}
			parts.add(part);
		}
		return this.canonicalizer.keyText(parts);
	}

	private @Nullable String text(@Nullable Object key) {
		return (key != null) ? this.canonicalizer.keyText(key) : null;
	}

	private @Nullable Fingerprint fingerprint(Supplier<@Nullable Fingerprint> request, @Nullable Object[] arguments) {
		if (this.expressions.fingerprint() != null) {
			return fingerprint(arguments);
		}
		return this.expressions.comparesArguments() ? request.get() : null;
	}

	private @Nullable Fingerprint fingerprint(@Nullable Object[] arguments) {
		if (this.expressions.fingerprint() != null) {
			return this.canonicalizer.fingerprint(this.expressions.fingerprint().evaluate(arguments, null));
		}
		boolean compared = this.expressions.comparesArguments()
				&& (this.keySource == KeySource.EXPRESSION || this.keySource == KeySource.PARAMETER);
		return compared
				? this.canonicalizer.fingerprint(this.parameters.signature(), this.parameters.digested(arguments))
				: null;
	}

	private @Nullable Fingerprint fingerprint(EachItem each, @Nullable Object item, @Nullable Object[] seen) {
		if (this.expressions.fingerprint() != null) {
			return fingerprint(seen);
		}
		return this.expressions.comparesArguments() ? this.canonicalizer.fingerprint(this.parameters.signature(),
				this.parameters.digested(each.inPlace(seen, item))) : null;
	}

	private Predicate<@Nullable Object> unless(@Nullable Object[] arguments) {
		ArgumentExpression unless = this.expressions.unless();
		return (unless != null) ? (result) -> unless.isTrue(arguments, result) : GuardedCall.KEEP_ALL;
	}

	/**
	 * The expressions of a method.
	 *
	 * @param key the key
	 * @param fingerprint what must be equal
	 * @param comparesArguments whether all arguments must be equal where there is no
	 * fingerprint expression
	 * @param condition whether the call is guarded
	 * @param unless whether the result is forgotten
	 */
	record Expressions(@Nullable ArgumentExpression key, @Nullable ArgumentExpression fingerprint,
			boolean comparesArguments, @Nullable ArgumentExpression condition, @Nullable ArgumentExpression unless) {

		ArgumentExpression requiredKey() {
			if (this.key == null) {
				throw new IllegalStateException("A key expression is needed");
			}
			return this.key;
		}

	}

}
