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

package io.idempotency.store;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;

import io.idempotency.OnUnknown;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the contract suites need from a store under test, and the words in which their
 * cases are written. Every case works on record ids that nobody used before, so that a
 * store may stand on a server that is shared and never emptied.
 */
public abstract class StoreFixture {

	/** The lease of a claim that names no other. */
	protected static final Duration LEASE = Duration.ofSeconds(30);

	/** How long a record outlives its lease. */
	protected static final Duration ABANDONED_TTL = Duration.ofHours(1);

	/** How long an outcome is kept. */
	protected static final Duration TTL = Duration.ofHours(2);

	/** Longer than anything in the suites is kept. */
	protected static final Duration LONG_AFTER = Duration.ofDays(30);

	protected static final Fingerprint PAY_10 = fingerprint(1);

	protected static final Fingerprint PAY_11 = fingerprint(2);

	private static final Random RANDOM = new Random();

	/** The store under test. */
	protected IdempotencyStore store;

	/**
	 * Return the store under test. Called before each case; it may be the same instance
	 * each time.
	 * @return the store
	 */
	protected abstract IdempotencyStore createStore();

	/**
	 * Make the given time pass for a record, as if it had been written that much earlier.
	 * A store with a clock of its own moves the clock (then the time passes for its other
	 * records too, which the cases allow for). For a server whose clock cannot be moved,
	 * subtract the time from everything that the store derived from a time when it wrote
	 * the record: claim time, end of the lease, expiry and any plan for its clean-up, and
	 * remove the record if the server would have done that by itself. Fences stay as they
	 * are.
	 * @param id the record, which is there
	 * @param time how much time passes
	 */
	protected abstract void elapse(RecordId id, Duration time);

	/**
	 * Return whether expired records stay until they are purged. A store that expires
	 * records by itself answers {@code false}, and its {@code purgeExpired} always 0.
	 * @return {@code true} unless overridden
	 */
	protected boolean keepsExpiredRecords() {
		return true;
	}

	/**
	 * Return whether the store keeps why an attempt failed.
	 * @return {@code true} unless overridden
	 */
	protected boolean keepsFailureNotes() {
		return true;
	}

	@BeforeEach
	void createTheStore() {
		this.store = createStore();
	}

	/** Return an id that nobody used before. */
	protected static RecordId newId() {
		byte[] digest = new byte[RecordId.LENGTH];
		RANDOM.nextBytes(digest);
		return RecordId.of(digest);
	}

	/** Start a request by a new owner that asks for nothing special. */
	protected static Asking ask(RecordId id) {
		return new Asking(id);
	}

	protected static FailureNote note() {
		return new FailureNote("java.net.ConnectException", "connection refused");
	}

	/** Claim and expect to win. */
	protected ClaimResult.Acquired acquire(Asking asking) {
		ClaimResult result = this.store.claim(asking.request());
		assertThat(result).isInstanceOf(ClaimResult.Acquired.class);
		return (ClaimResult.Acquired) result;
	}

	/** Claim a record that is free and return the lease. */
	protected Lease acquire(RecordId id) {
		return acquire(ask(id)).lease();
	}

	/** Claim and expect to be refused. */
	protected IdempotencyRecord refused(Asking asking) {
		ClaimResult result = this.store.claim(asking.request());
		assertThat(result).isInstanceOf(ClaimResult.Occupied.class);
		return ((ClaimResult.Occupied) result).record();
	}

	/** Read a record that has to be there. */
	protected IdempotencyRecord found(RecordId id) {
		return this.store.find(id).orElseThrow(() -> new AssertionError("No record " + id));
	}

	/** Let the lease of a record lapse. */
	protected void lapse(RecordId id) {
		elapse(id, LEASE.plusSeconds(1));
	}

	/** Let a record expire. */
	protected void expire(RecordId id) {
		elapse(id, LONG_AFTER);
	}

	private static Fingerprint fingerprint(int seed) {
		byte[] digest = new byte[Fingerprint.LENGTH];
		Arrays.fill(digest, (byte) seed);
		return Fingerprint.of(digest);
	}

	/**
	 * A request in the making.
	 */
	protected static final class Asking {

		private final RecordId id;

		private UUID owner = UUID.randomUUID();

		private @Nullable Fingerprint fingerprint;

		private OnUnknown policy = OnUnknown.RETRY;

		private Duration lease = LEASE;

		private boolean waiting;

		private Asking(RecordId id) {
			this.id = id;
		}

		public Asking as(UUID owner) {
			this.owner = owner;
			return this;
		}

		public Asking with(@Nullable Fingerprint fingerprint) {
			this.fingerprint = fingerprint;
			return this;
		}

		public Asking under(OnUnknown policy) {
			this.policy = policy;
			return this;
		}

		public Asking leasedFor(Duration lease) {
			this.lease = lease;
			return this;
		}

		public Asking waiting() {
			this.waiting = true;
			return this;
		}

		/** Return the request; the same one each time. */
		public ClaimRequest request() {
			return new ClaimRequest(this.id, "payment-service-charge", this.owner, this.fingerprint, this.policy,
					this.lease, ABANDONED_TTL, TTL, this.waiting);
		}

	}

}
