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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

import io.idempotency.BatchAnswer;
import io.idempotency.Idempotency;
import io.idempotency.IdempotencyBatch;
import io.idempotency.IdempotencyKeyInvalidException;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.key.Canonicalizer;
import io.idempotency.key.UndigestibleArgumentException;
import io.idempotency.key.Window;
import io.idempotency.store.Fingerprint;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.Assert;
import org.springframework.util.ConcurrentLruCache;

/**
 * {@link Idempotency} on top of the engine.
 */
public final class EngineIdempotency implements Idempotency {

	/** Names may be made at runtime, so that they are not all kept. */
	private static final int MAX_SPECS = 512;

	private final IdempotencyEngine engine;

	private final Operations operations;

	private final Canonicalizer canonicalizer;

	private final InstantSource clock;

	private final ConcurrentLruCache<Described, OperationSpec> specs;

	/**
	 * Create the facade.
	 * @param engine runs the calls
	 * @param operations resolves settings
	 * @param canonicalizer digests keys and fingerprints
	 * @param clock decides windows
	 */
	public EngineIdempotency(IdempotencyEngine engine, Operations operations, Canonicalizer canonicalizer,
			InstantSource clock) {
		this.engine = engine;
		this.operations = operations;
		this.canonicalizer = canonicalizer;
		this.clock = clock;
		this.specs = new ConcurrentLruCache<>(MAX_SPECS, (described) -> operations.resolve(described.operation(),
				described.result().type(), described.result().asynchronous(), described.overrides()));
	}

	@Override
	public Idempotency.Call call(String operation, Object key) {
		return new DescribedCall(operation, key);
	}

	@Override
	public IdempotencyBatch batch(String operation) {
		Assert.hasText(operation, "An operation needs a name");
		EngineBatch.Facade facade = new BatchFacade(operation);
		return new IdempotencyBatch() {

			@Override
			public <T> Items<T> keys(Collection<? extends T> items, Function<? super T, ?> key) {
				return new EngineBatch<>(facade, new ArrayList<>(items), key);
			}

		};
	}

	@Override
	public Resolve resolve(String operation, Object key) {
		return new EngineResolve(this.engine, this.operations, operation, keyText(operation, key), this.clock);
	}

	private String keyText(String operation, Object key) {
		try {
			return this.canonicalizer.keyText(key);
		}
		catch (UndigestibleArgumentException ex) {
			throw new IdempotencyKeyInvalidException(operation,
					"The key of operation '" + operation + "' cannot be digested. " + ex.getMessage(), ex);
		}
	}

	private OperationSpec spec(String operation, Type type, OperationSettings overrides) {
		return this.specs.get(new Described(operation, ResultType.of(type), overrides));
	}

	private Fingerprint fingerprint(String operation, @Nullable Object request) {
		try {
			return this.canonicalizer.fingerprint(request);
		}
		catch (UndigestibleArgumentException ex) {
			throw new IdempotencyKeyInvalidException(operation,
					"The fingerprint of operation '" + operation + "' cannot be digested. " + ex.getMessage(), ex);
		}
	}

	/**
	 * What decides the specification of a call.
	 */
	private record Described(String operation, ResultType result, OperationSettings overrides) {

	}

	private final class DescribedCall implements Idempotency.Call {

		private final String operation;

		private final Object key;

		private final OperationSettings.Builder overrides = OperationSettings.builder();

		private String scope = "";

		private @Nullable Fingerprint fingerprint;

		private Predicate<@Nullable Object> unless = GuardedCall.KEEP_ALL;

		private DescribedCall(String operation, Object key) {
			Assert.hasText(operation, "An operation needs a name");
			this.operation = operation;
			this.key = key;
		}

		@Override
		public Idempotency.Call scope(String scope) {
			this.scope = scope;
			return this;
		}

		@Override
		public Idempotency.Call fingerprint(@Nullable Object request) {
			this.fingerprint = EngineIdempotency.this.fingerprint(this.operation, request);
			return this;
		}

		@Override
		public Idempotency.Call ttl(Duration ttl) {
			this.overrides.ttl(ttl);
			return this;
		}

		@Override
		public Idempotency.Call window(String window) {
			this.overrides.window(Window.parse(window));
			return this;
		}

		@Override
		public Idempotency.Call onConcurrent(OnConcurrent onConcurrent) {
			this.overrides.onConcurrent(onConcurrent);
			return this;
		}

		@Override
		public Idempotency.Call onUnknown(OnUnknown onUnknown) {
			this.overrides.onUnknown(onUnknown);
			return this;
		}

		@Override
		public Idempotency.Call unless(Predicate<@Nullable Object> unless) {
			this.unless = unless;
			return this;
		}

		@Override
		@SafeVarargs
		public final Idempotency.Call rememberFailures(Class<? extends Throwable>... failures) {
			this.overrides.rememberFailures(List.of(failures));
			return this;
		}

		@Override
		@SafeVarargs
		public final Idempotency.Call safeToRetry(Class<? extends Throwable>... failures) {
			this.overrides.safeToRetry(List.of(failures));
			return this;
		}

		@Override
		public Idempotency.Call store(String store) {
			this.overrides.store(store);
			return this;
		}

		@Override
		public <T extends @Nullable Object, X extends Throwable> T execute(Class<T> type, Work<T, X> work) throws X {
			return executeTyped(type, work);
		}

		@Override
		public <T extends @Nullable Object, X extends Throwable> T execute(ParameterizedTypeReference<T> type,
				Work<T, X> work) throws X {
			return executeTyped(type.getType(), work);
		}

		@Override
		@SuppressWarnings("NullAway") // as below
		public <X extends Throwable> void run(Action<X> work) throws X {
			Work<@Nullable Object, X> withoutResult = () -> {
				work.run();
				return null;
			};
			executeTyped(void.class, withoutResult);
		}

		// NullAway does not carry a nullable type argument into a lambda
		@SuppressWarnings({ "unchecked", "NullAway" })
		private <T extends @Nullable Object, X extends Throwable> T executeTyped(Type type, Work<T, X> work) throws X {
			OperationSpec spec = spec(this.operation, type, this.overrides.build());
			GuardedCall call = GuardedCall.of(spec, this.scope, keyText(this.operation, this.key), this.fingerprint,
					EngineIdempotency.this.clock.instant(), this.unless);
			try {
				return (T) EngineIdempotency.this.engine.execute(call, work::run);
			}
			catch (Throwable ex) {
				// The engine throws what the work throws, and unchecked exceptions
				throw (X) ex;
			}
		}

	}

	private final class BatchFacade implements EngineBatch.Facade {

		private final String operation;

		private BatchFacade(String operation) {
			this.operation = operation;
		}

		@Override
		public OperationSpec spec(Type resultType, OperationSettings overrides) {
			return EngineIdempotency.this.spec(this.operation, resultType, overrides);
		}

		@Override
		public @Nullable String keyText(@Nullable Object key) {
			return (key != null) ? EngineIdempotency.this.keyText(this.operation, key) : null;
		}

		@Override
		public Fingerprint fingerprint(@Nullable Object request) {
			return EngineIdempotency.this.fingerprint(this.operation, request);
		}

		@Override
		public Instant now() {
			return EngineIdempotency.this.clock.instant();
		}

		@Override
		public List<BatchAnswer<@Nullable Object>> execute(List<GuardedCall> calls, BatchWork work) {
			return EngineIdempotency.this.engine.batches().execute(calls, work);
		}

	}

}
