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

package io.idempotency.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.Predicate;

import io.idempotency.Idempotency;
import io.idempotency.IdempotencyBatch;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;

/**
 * Stands in for the facade when {@code idempotency.enabled=false}, so that those who
 * inject it still start: every call runs, and nothing is there to resolve.
 */
final class UnguardedIdempotency implements Idempotency {

	@Override
	public Call call(String operation, Object key) {
		return new UnguardedCall();
	}

	@Override
	public IdempotencyBatch batch(String operation) {
		return new IdempotencyBatch() {

			@Override
			public <T> Items<T> keys(Collection<? extends T> items, Function<? super T, ?> key) {
				return new UnguardedBatch<>(new ArrayList<>(items));
			}

		};
	}

	@Override
	public Resolve resolve(String operation, Object key) {
		return new NothingToResolve();
	}

	private static final class UnguardedCall implements Call {

		@Override
		public Call scope(String scope) {
			return this;
		}

		@Override
		public Call fingerprint(@Nullable Object request) {
			return this;
		}

		@Override
		public Call ttl(Duration ttl) {
			return this;
		}

		@Override
		public Call window(String window) {
			return this;
		}

		@Override
		public Call onConcurrent(OnConcurrent onConcurrent) {
			return this;
		}

		@Override
		public Call onUnknown(OnUnknown onUnknown) {
			return this;
		}

		@Override
		public Call unless(Predicate<@Nullable Object> unless) {
			return this;
		}

		@Override
		@SafeVarargs
		public final Call rememberFailures(Class<? extends Throwable>... failures) {
			return this;
		}

		@Override
		@SafeVarargs
		public final Call safeToRetry(Class<? extends Throwable>... failures) {
			return this;
		}

		@Override
		public Call store(String store) {
			return this;
		}

		@Override
		public <T extends @Nullable Object, X extends Throwable> T execute(Class<T> type, Work<T, X> work) throws X {
			return work.run();
		}

		@Override
		public <T extends @Nullable Object, X extends Throwable> T execute(ParameterizedTypeReference<T> type,
				Work<T, X> work) throws X {
			return work.run();
		}

		@Override
		public <X extends Throwable> void run(Action<X> work) throws X {
			work.run();
		}

	}

	private static final class NothingToResolve implements Resolve {

		@Override
		public Resolve scope(String scope) {
			return this;
		}

		@Override
		public Resolve window(String window) {
			return this;
		}

		@Override
		public boolean succeeded(@Nullable Object result) {
			return false;
		}

		@Override
		public boolean failed(String message) {
			return false;
		}

		@Override
		public boolean runAgain() {
			return false;
		}

	}

}
