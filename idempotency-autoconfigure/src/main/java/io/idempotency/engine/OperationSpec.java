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
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;

import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import io.idempotency.key.Window;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.NonBlockingStore;
import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;
import io.idempotency.store.TransactionalStore;
import org.jspecify.annotations.Nullable;

/**
 * Everything about an operation that does not change from call to call, resolved once.
 *
 * @param name the operation's name
 * @param resultType the declared type by which a recorded value is restored; for
 * asynchronous results the type inside
 * @param asynchronous whether the work returns a {@code CompletionStage}
 * @param store where the records are kept
 * @param ttl how long an outcome is kept
 * @param failureTtl how long a remembered failure is kept
 * @param abandonedTtl how long a record outlives a lapsed lease or a failed attempt, at
 * least {@code ttl}
 * @param lease for how long an owner that gives no sign of life keeps the key, from 100
 * milliseconds to 365 days
 * @param waitTimeout how long a concurrent caller waits, at most 365 days
 * @param window the period that is part of the identity, or {@code null}
 * @param zone the zone of the window
 * @param onConcurrent {@link OnConcurrent#WAIT}, {@link OnConcurrent#REJECT} or, where
 * there is no result, {@link OnConcurrent#SKIP}
 * @param onUnknown {@link OnUnknown#RETRY} or {@link OnUnknown#HOLD}
 * @param onStoreFailure what happens when the store cannot be asked
 * @param rememberFailures exceptions that are outcomes
 * @param safeToRetry exceptions that prove that the work had no effect
 * @param transaction how the record relates to the transaction of the work
 * @param transactionUse what the method does about transactions by itself
 */
public record OperationSpec(String name, Type resultType, boolean asynchronous, IdempotencyStore store, Duration ttl,
		Duration failureTtl, Duration abandonedTtl, Duration lease, Duration waitTimeout, @Nullable Window window,
		ZoneId zone, OnConcurrent onConcurrent, OnUnknown onUnknown, OnStoreFailure onStoreFailure,
		List<Class<? extends Throwable>> rememberFailures, List<Class<? extends Throwable>> safeToRetry,
		TransactionMode transaction, TransactionUse transactionUse) {

	/** The lease where nobody set one. */
	public static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);

	private static final Duration SHORTEST_LEASE = Duration.ofMillis(100);

	private static final Duration LONGEST = Duration.ofDays(365);

	public OperationSpec {
		requirePositive(name, "ttl", ttl);
		requirePositive(name, "failure-ttl", failureTtl);
		requirePositive(name, "abandoned-ttl", abandonedTtl);
		if (lease.compareTo(SHORTEST_LEASE) < 0) {
			throw new InvalidOperationException(name, "has lease=" + lease,
					"Set a lease of at least " + SHORTEST_LEASE.toMillis()
							+ " ms: it must outlast a pause of the JVM and two round trips to the store");
		}
		if (waitTimeout.isNegative()) {
			throw new InvalidOperationException(name, "has wait-timeout=" + waitTimeout,
					"Set wait-timeout to 0 or more, or on-concurrent to reject");
		}
		requireAtMostAYear(name, "lease", lease);
		requireAtMostAYear(name, "wait-timeout", waitTimeout);
		if (onConcurrent == OnConcurrent.SKIP && resultType != void.class && resultType != Void.class) {
			throw new InvalidOperationException(name,
					"has on-concurrent=skip and a result, which a caller that is skipped would not get",
					"Use wait or reject, or return nothing");
		}
		rememberFailures = List.copyOf(rememberFailures);
		safeToRetry = List.copyOf(safeToRetry);
	}

	/**
	 * Resolve settings into a specification of work that has nothing to do with
	 * transactions by itself, filling what is still unset with the library's defaults.
	 * @param name the operation's name
	 * @param resultType the declared type of its result
	 * @param asynchronous whether it returns a {@code CompletionStage}
	 * @param settings the merged layers
	 * @param store where the records are kept
	 * @return the specification
	 * @throws InvalidOperationException if the settings cannot work
	 */
	public static OperationSpec of(String name, Type resultType, boolean asynchronous, OperationSettings settings,
			IdempotencyStore store) {
		return of(name, resultType, asynchronous, settings, store, TransactionUse.NONE);
	}

	/**
	 * Resolve settings into a specification, filling what is still unset with the
	 * library's defaults.
	 * @param name the operation's name
	 * @param resultType the declared type of its result
	 * @param asynchronous whether it returns a {@code CompletionStage}
	 * @param settings the merged layers
	 * @param store where the records are kept
	 * @param transactionUse what the method does about transactions
	 * @return the specification
	 * @throws InvalidOperationException if the settings cannot work
	 */
	public static OperationSpec of(String name, Type resultType, boolean asynchronous, OperationSettings settings,
			IdempotencyStore store, TransactionUse transactionUse) {
		Duration ttl = orElse(settings.ttl(), Duration.ofHours(24));
		Duration abandonedTtl = orElse(settings.abandonedTtl(), Duration.ofDays(7));
		OperationSpec spec = new OperationSpec(name, resultType, asynchronous, store, ttl,
				orElse(settings.failureTtl(), Duration.ofSeconds(60)),
				(abandonedTtl.compareTo(ttl) < 0) ? ttl : abandonedTtl, orElse(settings.lease(), DEFAULT_LEASE),
				orElse(settings.waitTimeout(), Duration.ofSeconds(5)), settings.window(),
				orElse(settings.zone(), ZoneOffset.UTC), orElse(settings.onConcurrent(), OnConcurrent.WAIT),
				orElse(settings.onUnknown(), OnUnknown.RETRY), orElse(settings.onStoreFailure(), OnStoreFailure.FAIL),
				orElse(settings.rememberFailures(), List.of()), orElse(settings.safeToRetry(), List.of()),
				orElse(settings.transaction(), TransactionMode.AUTO), transactionUse);
		TransactionRequirements.check(spec);
		return spec.outlastingItsTransaction();
	}

	/**
	 * Return the same operation with another window.
	 * @param window the period that is part of the identity
	 * @return the changed specification
	 */
	OperationSpec in(Window window) {
		return new OperationSpec(this.name, this.resultType, this.asynchronous, this.store, this.ttl, this.failureTtl,
				this.abandonedTtl, this.lease, this.waitTimeout, window, this.zone, this.onConcurrent, this.onUnknown,
				this.onStoreFailure, this.rememberFailures, this.safeToRetry, this.transaction, this.transactionUse);
	}

	/**
	 * Return the same operation, recorded apart from transactions.
	 * @return the changed specification
	 */
	OperationSpec separate() {
		return new OperationSpec(this.name, this.resultType, this.asynchronous, this.store, this.ttl, this.failureTtl,
				this.abandonedTtl, this.lease, this.waitTimeout, this.window, this.zone, this.onConcurrent,
				this.onUnknown, this.onStoreFailure, this.rememberFailures, this.safeToRetry, TransactionMode.SEPARATE,
				this.transactionUse);
	}

	/**
	 * Return the mode of a call that is not made inside a transaction.
	 * @return the mode that {@link TransactionMode#AUTO} comes to, or the one that was
	 * asked for
	 */
	public TransactionMode modeOfItsOwn() {
		return switch (TransactionPlan.of(this.transaction, this.transactionUse, this.asynchronous, transactional(),
				false)) {
			case SEPARATE, REFUSED -> TransactionMode.SEPARATE;
			case ATOMIC -> TransactionMode.ATOMIC;
			case JOIN_CALLER, JOIN_METHOD -> TransactionMode.JOINED;
		};
	}

	/**
	 * Return whether the record can be part of the transaction of the work: not where the
	 * method asks for one on another database, even if its caller is in one on this.
	 */
	boolean transactional() {
		return this.store instanceof TransactionalStore transactionalStore && (this.transactionUse.manager() == null
				|| transactionalStore.joinsTransactionsOf(this.transactionUse.manager()));
	}

	/**
	 * Return whether an exception is an answer of this operation.
	 * @param failure what the work threw
	 * @return whether it is kept and given to later callers
	 */
	public boolean remembers(Throwable failure) {
		return this.rememberFailures.stream().anyMatch((type) -> type.isInstance(failure));
	}

	boolean provesNoEffect(Throwable failure) {
		return this.safeToRetry.stream().anyMatch((type) -> type.isInstance(failure));
	}

	/**
	 * A lease that cannot be renewed has to last as long as the transaction may.
	 */
	private OperationSpec outlastingItsTransaction() {
		Duration timeout = this.transactionUse.timeout();
		if (timeout == null || timeout.compareTo(this.lease) <= 0 || !this.transactionUse.snapshot()
				|| modeOfItsOwn() != TransactionMode.ATOMIC) {
			return this;
		}
		return new OperationSpec(this.name, this.resultType, this.asynchronous, this.store, this.ttl, this.failureTtl,
				this.abandonedTtl, timeout, this.waitTimeout, this.window, this.zone, this.onConcurrent, this.onUnknown,
				this.onStoreFailure, this.rememberFailures, this.safeToRetry, this.transaction, this.transactionUse);
	}

	private static void requirePositive(String name, String setting, Duration value) {
		if (value.isZero() || value.isNegative()) {
			throw new InvalidOperationException(name, "has " + setting + "=" + value,
					"Set " + setting + " to a positive duration");
		}
	}

	/**
	 * These two are counted in nanoseconds, of which a {@code long} holds 292 years.
	 */
	private static void requireAtMostAYear(String name, String setting, Duration value) {
		if (value.compareTo(LONGEST) > 0) {
			throw new InvalidOperationException(name, "has " + setting + "=" + value,
					"Set " + setting + " to " + LONGEST.toDays() + " days at most");
		}
	}

	/**
	 * Return the verbs of the store that block no thread.
	 * @return the verbs, or {@code null} if it can only block
	 */
	@Nullable NonBlockingVerbs nonBlocking() {
		return (this.store instanceof NonBlockingStore able) ? able.nonBlocking() : null;
	}

	private static <T> T orElse(@Nullable T value, T fallback) {
		return (value != null) ? value : fallback;
	}

}
