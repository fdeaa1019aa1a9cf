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

package io.idempotency.engine;

import java.lang.reflect.Type;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;

import io.idempotency.TransactionMode;
import io.idempotency.store.IdempotencyStore;
import org.jspecify.annotations.Nullable;

/**
 * Resolves specifications of operations: the settings of
 * {@code idempotency.operations.<name>} over what the declaration says over what
 * {@code idempotency.*} says. Safe for use by many threads.
 */
public final class Operations {

	private final OperationSettings global;

	private final Map<String, OperationSettings> byName;

	private final Function<@Nullable String, IdempotencyStore> stores;

	private final BiFunction<OperationSettings, IdempotencyStore, OperationSettings> lastWord;

	private final ConcurrentMap<String, Declared> declared = new ConcurrentHashMap<>();

	/**
	 * Create the resolver.
	 * @param global what counts where nothing else is set
	 * @param byName the settings of single operations
	 * @param stores finds a store by name, the default one for {@code null}
	 */
	public Operations(OperationSettings global, Map<String, OperationSettings> byName,
			Function<@Nullable String, IdempotencyStore> stores) {
		this(global, byName, stores, (settings, store) -> settings);
	}

	/**
	 * Create the resolver.
	 * @param global what counts where nothing else is set
	 * @param byName the settings of single operations
	 * @param stores finds a store by name, the default one for {@code null}
	 * @param lastWord changes the settings of an operation in view of the store that was
	 * found for it
	 */
	public Operations(OperationSettings global, Map<String, OperationSettings> byName,
			Function<@Nullable String, IdempotencyStore> stores,
			BiFunction<OperationSettings, IdempotencyStore, OperationSettings> lastWord) {
		this.global = global;
		this.byName = Map.copyOf(byName);
		this.stores = stores;
		this.lastWord = lastWord;
	}

	/**
	 * Resolve an operation.
	 * @param name its name
	 * @param resultType the declared type of its result
	 * @param asynchronous whether it returns a {@code CompletionStage}
	 * @param declared what the declaration sets
	 * @return the specification
	 * @throws InvalidOperationException if the settings cannot work
	 */
	public OperationSpec resolve(String name, Type resultType, boolean asynchronous, OperationSettings declared) {
		return spec(name, new ResultType(resultType, asynchronous), settings(name, declared).over(this.global),
				TransactionUse.NONE);
	}

	private OperationSettings settings(String name, OperationSettings declared) {
		return this.byName.getOrDefault(name, OperationSettings.UNSET).over(declared);
	}

	private OperationSpec spec(String name, ResultType result, OperationSettings settings, TransactionUse use) {
		IdempotencyStore store = this.stores.apply(settings.store());
		return OperationSpec.of(name, result.type(), result.asynchronous(), this.lastWord.apply(settings, store), store,
				use);
	}

	/**
	 * Resolve an operation that is declared on a method, and keep it for those who only
	 * know its name.
	 * @param name its name
	 * @param origin the method
	 * @param resultType the declared type of its result
	 * @param settings what the declaration sets
	 * @param otherwise what counts for a method of its kind where nobody set anything
	 * @param use what the method does about transactions
	 * @return the specification
	 * @throws InvalidOperationException if the settings cannot work, or if the name is
	 * that of an operation without a method
	 */
	public OperationSpec declare(String name, OperationOrigin origin, ResultType resultType, OperationSettings settings,
			OperationSettings otherwise, TransactionUse use) {
		OperationSpec spec = spec(name, resultType, settings(name, settings).over(this.global).over(otherwise), use);
		return keep(new Declared(spec, origin, false));
	}

	/**
	 * Resolve an operation whose outcomes are made by an edge and recorded apart from
	 * transactions, and keep it for those who only know its name.
	 * @param name its name
	 * @param origin what declares it
	 * @param settings what the declaration sets
	 * @param edge what counts at that edge where nobody set anything
	 * @return the specification, whose mode is {@code SEPARATE}
	 * @throws InvalidOperationException if the settings cannot work, or ask for another
	 * mode, or if the name is that of a method and of something else
	 */
	public OperationSpec declare(String name, OperationOrigin origin, OperationSettings settings,
			OperationSettings edge) {
		OperationSettings ofOperation = settings(name, settings)
			.over(OperationSettings.builder().transaction(TransactionMode.SEPARATE).build());
		OperationSpec spec = spec(name, new ResultType(Object.class, false), ofOperation.over(this.global).over(edge),
				TransactionUse.NONE);
		if (spec.transaction() != TransactionMode.SEPARATE) {
			throw new InvalidOperationException(name,
					"has transaction=" + spec.transaction() + ", but what is recorded of it, such as a response, is "
							+ "made after the work and its transaction",
					"Remove it here, and annotate the service method that does the work with @Idempotent, too");
		}
		return keep(new Declared(spec, origin, true));
	}

	private OperationSpec keep(Declared declared) {
		this.declared.merge(declared.spec().name(), declared, Operations::refuseUnlessAlike);
		return declared.spec();
	}

	private static Declared refuseUnlessAlike(Declared former, Declared latter) {
		if (former.origin().method() != latter.origin().method()) {
			throw new InvalidOperationException(
					latter.spec().name(), "is the name of " + former.origin().description() + " and of "
							+ latter.origin().description() + ", whose records would be mixed up",
					"Give one of them a name of its own");
		}
		return latter;
	}

	/**
	 * Find an operation that was declared.
	 * @param name its name
	 * @return the specification, or {@code null} if nothing of that name was seen
	 */
	@Nullable OperationSpec declared(String name) {
		Declared known = this.declared.get(name);
		return (known != null) ? known.spec() : null;
	}

	/**
	 * Return the operations whose outcomes are made by an edge.
	 * @return those that were declared up to now, sorted by name
	 */
	public SortedMap<String, OperationSpec> declaredAtEdges() {
		SortedMap<String, OperationSpec> specs = new TreeMap<>();
		this.declared.forEach((name, known) -> {
			if (known.atEdge()) {
				specs.put(name, known.spec());
			}
		});
		return specs;
	}

	private record Declared(OperationSpec spec, OperationOrigin origin, boolean atEdge) {

	}

}
