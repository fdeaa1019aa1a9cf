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

package io.idempotency.step;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;
import io.idempotency.OnUnknown;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.engine.Chain;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.OperationSpec;
import io.idempotency.engine.StepOutcome;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import io.idempotency.test.ForwardingStore;
import io.idempotency.test.MutableClock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Attempts of one call, each on an engine of its own, as if on an instance of its own, on
 * one store in memory. An attempt can be killed: then nothing more of it reaches the
 * store.
 */
final class Attempts implements AutoCloseable {

	static final Duration LEASE = Duration.ofSeconds(30);

	final MutableClock time = new MutableClock(Instant.parse("2026-03-01T12:00:00Z"));

	final List<Long> pauses = Collections.synchronizedList(new ArrayList<>());

	/** What became of the steps, as listeners are told. */
	final List<String> told = Collections.synchronizedList(new ArrayList<>());

	/** How many of the next checkpoints fail before they are applied. */
	final AtomicInteger failBefore = new AtomicInteger();

	/** How many of the next checkpoints fail after they are applied. */
	final AtomicInteger failAfter = new AtomicInteger();

	/** What happens during a pause. */
	Runnable whilePausing = () -> {
	};

	private final MemoryIdempotencyStore memory = new MemoryIdempotencyStore(this.time);

	private final List<IdempotencyEngine> engines = new ArrayList<>();

	private final OperationSettings settings;

	private Class<?> resultType = String.class;

	private String key = "k-1";

	private @Nullable Instance current;

	Attempts() {
		this(OperationSettings.builder());
	}

	Attempts(OperationSettings.Builder settings) {
		this.settings = settings.lease(LEASE).build();
	}

	static Attempts rememberingFailures() {
		return new Attempts(OperationSettings.builder().rememberFailures(List.of(Declined.class, NoText.class)));
	}

	static Attempts holding() {
		return new Attempts(OperationSettings.builder().onUnknown(OnUnknown.HOLD));
	}

	Attempts resultType(Class<?> type) {
		this.resultType = type;
		return this;
	}

	private final class Telling implements IdempotencyListener {

		@Override
		public void step(GuardedCall call, String step, StepOutcome outcome) {
			Attempts.this.told.add(call.spec().name() + " " + step + " " + outcome.tag());
		}

	}

	/** Make an attempt as another instance of the application. */
	@Nullable Object attempt(Body body) throws Throwable {
		return attempt((Chain) (innermost) -> innermost.around(() -> body.run(steps())));
	}

	/** Make an attempt that is refused by what stands before the work. */
	void refused() {
		try {
			attempt((Chain) (innermost) -> {
				throw new IllegalArgumentException("not valid");
			});
		}
		catch (Throwable ex) {
			assertThat(ex).hasMessage("not valid");
			return;
		}
		throw new AssertionError("was not refused");
	}

	private @Nullable Object attempt(Chain chain) throws Throwable {
		Instance instance = new Instance(this.memory);
		this.current = instance;
		IdempotencyEngine engine = new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()),
				List.of(new Telling()), false,
				new RecordedStepsFactory(new DefaultListableBeanFactory(), (millis, stop) -> {
					this.pauses.add(millis);
					this.whilePausing.run();
					return !stop.getAsBoolean() && !Thread.currentThread().isInterrupted();
				}));
		this.engines.add(engine);
		OperationSpec spec = OperationSpec.of("profile-update", this.resultType, false, this.settings, instance);
		return engine.execute(GuardedCall.of(spec, "", this.key, null, this.time.instant(), GuardedCall.KEEP_ALL),
				chain);
	}

	/** Make an attempt that throws, and return what it throws. */
	Throwable failure(Body body) {
		try {
			Object result = attempt(body);
			throw new AssertionError("returned " + result);
		}
		catch (AssertionError ex) {
			throw ex;
		}
		catch (Throwable ex) {
			return ex;
		}
	}

	/** Make an attempt that is killed, and let its lease lapse. */
	void killed(Body body) {
		Throwable thrown = failure(body);
		if (!(thrown instanceof Killed)) {
			throw new AssertionError("was not killed", thrown);
		}
		lapse();
	}

	/** Let nothing more of this attempt reach the store. */
	Killed kill() {
		if (this.current != null) {
			this.current.killed = true;
		}
		return new Killed();
	}

	void lapse() {
		this.time.advance(LEASE.plusSeconds(1));
	}

	/** Take the record over as somebody who does nothing. */
	Lease takeOver() {
		lapse();
		return ((ClaimResult.Acquired) this.memory.claim(new ClaimRequest(record().id(), "profile-update",
				UUID.randomUUID(), null, OnUnknown.RETRY, LEASE, LEASE, LEASE, false)))
			.lease();
	}

	IdempotencyStore store() {
		return this.memory;
	}

	IdempotencyRecord record() {
		OperationSpec spec = OperationSpec.of("profile-update", String.class, false, this.settings, this.memory);
		return this.memory
			.find(GuardedCall.of(spec, "", this.key, null, this.time.instant(), GuardedCall.KEEP_ALL).id())
			.orElseThrow();
	}

	/** Return how long the record is kept from now. */
	Duration kept() {
		return Duration.between(this.time.instant(), record().expiresAt());
	}

	private static DurableSteps steps() {
		return IdempotencyContext.current().orElseThrow().steps();
	}

	@Override
	public void close() {
		this.engines.forEach(IdempotencyEngine::close);
	}

	@FunctionalInterface
	interface Body {

		@Nullable Object run(DurableSteps steps) throws Throwable;

	}

	/** Ends an attempt as a crash would, of which nothing is recorded. */
	@SuppressWarnings("serial")
	static final class Killed extends Error {

	}

	@SuppressWarnings("serial")
	public static final class Declined extends RuntimeException {

		public Declined(String message) {
			super(message);
		}

	}

	/** Cannot be rebuilt from a message. */
	@SuppressWarnings("serial")
	public static final class NoText extends RuntimeException {

	}

	private final class Instance extends ForwardingStore {

		private volatile boolean killed;

		Instance(IdempotencyStore delegate) {
			super(delegate);
		}

		@Override
		public boolean checkpoint(Lease lease, String step, StoredOutcome outcome) {
			requireAlive();
			failIf(Attempts.this.failBefore);
			boolean recorded = super.checkpoint(lease, step, outcome);
			failIf(Attempts.this.failAfter);
			return recorded;
		}

		@Override
		public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
			requireAlive();
			return super.complete(lease, outcome, ttl);
		}

		@Override
		public boolean release(Lease lease, Release how) {
			requireAlive();
			return super.release(lease, how);
		}

		@Override
		public boolean renew(Lease lease, Duration extension) {
			requireAlive();
			return super.renew(lease, extension);
		}

		private void requireAlive() {
			if (this.killed) {
				throw new IllegalStateException("this instance was killed");
			}
		}

		private static void failIf(AtomicInteger left) {
			if (left.getAndUpdate((count) -> Math.max(count - 1, 0)) > 0) {
				throw new IllegalStateException("the store is down");
			}
		}

	}

}
