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

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;

import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import io.idempotency.key.Window;
import org.jspecify.annotations.Nullable;

/**
 * One layer of settings of an operation, in which {@code null} means unset. Layers are
 * stacked by {@link #over}: properties of the operation, method, class, global
 * properties. The constants by which an annotation says that it sets nothing
 * ({@link OnConcurrent#UNSET}, {@link OnUnknown#UNSET}, {@link TransactionMode#UNSET})
 * are kept as {@code null}.
 *
 * @param ttl how long an outcome is kept
 * @param failureTtl how long a remembered failure is kept
 * @param abandonedTtl how long a record outlives a lapsed lease or a failed attempt
 * @param lease for how long an owner that gives no sign of life keeps the key
 * @param waitTimeout how long a concurrent caller waits
 * @param window the period that is part of the identity
 * @param zone the zone of the window
 * @param onConcurrent what a concurrent caller does
 * @param onUnknown what happens when the outcome is not known
 * @param onStoreFailure what happens when the store cannot be asked
 * @param rememberFailures exceptions that are outcomes
 * @param safeToRetry exceptions that prove that the work had no effect
 * @param store the store's name
 * @param transaction how the record relates to the transaction of the work
 */
public record OperationSettings(@Nullable Duration ttl, @Nullable Duration failureTtl, @Nullable Duration abandonedTtl,
		@Nullable Duration lease, @Nullable Duration waitTimeout, @Nullable Window window, @Nullable ZoneId zone,
		@Nullable OnConcurrent onConcurrent, @Nullable OnUnknown onUnknown, @Nullable OnStoreFailure onStoreFailure,
		@Nullable List<Class<? extends Throwable>> rememberFailures,
		@Nullable List<Class<? extends Throwable>> safeToRetry, @Nullable String store,
		@Nullable TransactionMode transaction) {

	/** The layer that sets nothing. */
	public static final OperationSettings UNSET = builder().build();

	public OperationSettings {
		onConcurrent = (onConcurrent != OnConcurrent.UNSET) ? onConcurrent : null;
		onUnknown = (onUnknown != OnUnknown.UNSET) ? onUnknown : null;
		transaction = (transaction != TransactionMode.UNSET) ? transaction : null;
		rememberFailures = (rememberFailures != null) ? List.copyOf(rememberFailures) : null;
		safeToRetry = (safeToRetry != null) ? List.copyOf(safeToRetry) : null;
	}

	/**
	 * Begin a layer that sets nothing yet.
	 * @return its builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Lay these settings over others.
	 * @param below what counts where this layer is unset
	 * @return the merged layer
	 */
	public OperationSettings over(OperationSettings below) {
		return new OperationSettings(first(this.ttl, below.ttl), first(this.failureTtl, below.failureTtl),
				first(this.abandonedTtl, below.abandonedTtl), first(this.lease, below.lease),
				first(this.waitTimeout, below.waitTimeout), first(this.window, below.window),
				first(this.zone, below.zone), first(this.onConcurrent, below.onConcurrent),
				first(this.onUnknown, below.onUnknown), first(this.onStoreFailure, below.onStoreFailure),
				first(this.rememberFailures, below.rememberFailures), first(this.safeToRetry, below.safeToRetry),
				first(this.store, below.store), first(this.transaction, below.transaction));
	}

	private static <T> @Nullable T first(@Nullable T above, @Nullable T below) {
		return (above != null) ? above : below;
	}

	/**
	 * Collects what a layer sets, by the names of its components; what is never given, or
	 * given as {@code null}, stays unset. Not safe for use by several threads at once.
	 */
	public static final class Builder {

		private @Nullable Duration ttl;

		private @Nullable Duration failureTtl;

		private @Nullable Duration abandonedTtl;

		private @Nullable Duration lease;

		private @Nullable Duration waitTimeout;

		private @Nullable Window window;

		private @Nullable ZoneId zone;

		private @Nullable OnConcurrent onConcurrent;

		private @Nullable OnUnknown onUnknown;

		private @Nullable OnStoreFailure onStoreFailure;

		private @Nullable List<Class<? extends Throwable>> rememberFailures;

		private @Nullable List<Class<? extends Throwable>> safeToRetry;

		private @Nullable String store;

		private @Nullable TransactionMode transaction;

		private Builder() {
		}

		public Builder ttl(@Nullable Duration ttl) {
			this.ttl = ttl;
			return this;
		}

		public Builder failureTtl(@Nullable Duration failureTtl) {
			this.failureTtl = failureTtl;
			return this;
		}

		public Builder abandonedTtl(@Nullable Duration abandonedTtl) {
			this.abandonedTtl = abandonedTtl;
			return this;
		}

		public Builder lease(@Nullable Duration lease) {
			this.lease = lease;
			return this;
		}

		public Builder waitTimeout(@Nullable Duration waitTimeout) {
			this.waitTimeout = waitTimeout;
			return this;
		}

		public Builder window(@Nullable Window window) {
			this.window = window;
			return this;
		}

		public Builder zone(@Nullable ZoneId zone) {
			this.zone = zone;
			return this;
		}

		public Builder onConcurrent(@Nullable OnConcurrent onConcurrent) {
			this.onConcurrent = onConcurrent;
			return this;
		}

		public Builder onUnknown(@Nullable OnUnknown onUnknown) {
			this.onUnknown = onUnknown;
			return this;
		}

		public Builder onStoreFailure(@Nullable OnStoreFailure onStoreFailure) {
			this.onStoreFailure = onStoreFailure;
			return this;
		}

		public Builder rememberFailures(@Nullable List<Class<? extends Throwable>> rememberFailures) {
			this.rememberFailures = rememberFailures;
			return this;
		}

		public Builder safeToRetry(@Nullable List<Class<? extends Throwable>> safeToRetry) {
			this.safeToRetry = safeToRetry;
			return this;
		}

		public Builder store(@Nullable String store) {
			this.store = store;
			return this;
		}

		public Builder transaction(@Nullable TransactionMode transaction) {
			this.transaction = transaction;
			return this;
		}

		/**
		 * Return what was set so far.
		 * @return the layer
		 */
		public OperationSettings build() {
			return new OperationSettings(this.ttl, this.failureTtl, this.abandonedTtl, this.lease, this.waitTimeout,
					this.window, this.zone, this.onConcurrent, this.onUnknown, this.onStoreFailure,
					this.rememberFailures, this.safeToRetry, this.store, this.transaction);
		}

	}

}
