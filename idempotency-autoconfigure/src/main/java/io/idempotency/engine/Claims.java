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

import java.security.SecureRandom;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import io.idempotency.OnConcurrent;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Release;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.UnreadableRecordException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Claims a key at its store:
 * <ol>
 * <li>Send the claim under a new owner token. If no answer comes, send it again under the
 * same token, so that a claim that was applied is found rather than waited for.
 * <li>If there is still no answer, give the claim up in the background and fail.
 * <li>If there is a live owner and the caller may wait, listen for its signal, and claim
 * again after each signal, each pause and the end of its lease, until the claim is won,
 * an outcome is there or the time is up.
 * </ol>
 */
final class Claims {

	private static final Log logger = LogFactory.getLog(Claims.class);

	private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

	private static final long LONGEST_PAUSE_POLLING = TimeUnit.MILLISECONDS.toNanos(100);

	private static final long LONGEST_PAUSE_WITH_SIGNALS = TimeUnit.SECONDS.toNanos(1);

	private final LongSupplier nanoTime;

	private final BackgroundThreads threads;

	private final long instance = new SecureRandom().nextLong();

	private final AtomicLong lastOwner = new AtomicLong(new SecureRandom().nextLong());

	Claims(LongSupplier nanoTime, BackgroundThreads threads) {
		this.nanoTime = nanoTime;
		this.threads = threads;
	}

	/**
	 * Claim, and wait if the caller may.
	 * @param conversation the caller
	 * @param flight is told when work is being done elsewhere
	 * @return the last answer of the store
	 * @throws StoreFailure if the store did not answer
	 * @throws LockedRecordException if a transaction held the record for as long as the
	 * caller may wait
	 * @throws InterruptedException if this thread is interrupted while it waits
	 */
	Claimed claim(Conversation conversation, Flight flight) throws StoreFailure, InterruptedException {
		ClaimRequest request = conversation.request(nextOwner());
		IdempotencyStore store = conversation.call().spec().store();
		Claimed claimed = sendUntilUnlocked(conversation, store, request);
		IdempotencyRecord record = ownerToWaitFor(claimed, request, conversation);
		if (record == null) {
			return claimed;
		}
		conversation.waits();
		flight.begin(new Flight.UnderWay(record.fingerprint(), record.age(), record.leaseRemaining(),
				this.nanoTime.getAsLong()));
		return await(conversation, request, store, claimed);
	}

	private Claimed await(Conversation conversation, ClaimRequest request, IdempotencyStore store, Claimed first)
			throws StoreFailure, InterruptedException {
		Semaphore signal = new Semaphore(0);
		CompletionSignals signals = store.signals();
		long longestPause = (signals != null) ? LONGEST_PAUSE_WITH_SIGNALS : LONGEST_PAUSE_POLLING;
		try (CompletionSignals.Registration registration = listen(signals, request, signal)) {
			long pause = FIRST_PAUSE;
			Claimed claimed = first;
			while (conversation.remainingNanos() > 0) {
				claimed = sendUntilUnlocked(conversation, store, request);
				IdempotencyRecord record = ownerToWaitFor(claimed, request, conversation);
				if (record == null) {
					return claimed;
				}
				long untilLapsed = record.leaseRemaining().plusMillis(1).toNanos();
				long nanos = Math.min(Math.min(jittered(pause), untilLapsed), conversation.remainingNanos());
				signal.tryAcquire(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
				signal.drainPermits();
				pause = Math.min(pause * 2, longestPause);
			}
			return claimed;
		}
	}

	private static CompletionSignals.@Nullable Registration listen(@Nullable CompletionSignals signals,
			ClaimRequest request, Semaphore signal) {
		try {
			return (signals != null) ? signals.listen(request.id(), signal::release) : null;
		}
		catch (RuntimeException ex) {
			logger.debug("No signals from the store; polling", ex);
			return null;
		}
	}

	private static @Nullable IdempotencyRecord ownerToWaitFor(Claimed claimed, ClaimRequest request,
			Conversation conversation) {
		if (claimed.result() instanceof ClaimResult.Occupied occupied
				&& Decision.of(occupied, request, conversation.onConcurrent()) == Decision.WAIT) {
			return occupied.record();
		}
		return null;
	}

	/**
	 * Each claim waits in the database for the transaction that holds the record. That is
	 * no failure of the store: somebody is at work.
	 */
	private Claimed sendUntilUnlocked(Conversation conversation, IdempotencyStore store, ClaimRequest request)
			throws StoreFailure {
		while (true) {
			try {
				return send(store, request);
			}
			catch (LockedRecordException ex) {
				if (conversation.onConcurrent() == OnConcurrent.REJECT || conversation.remainingNanos() <= 0) {
					throw ex;
				}
				conversation.waits();
			}
		}
	}

	private Claimed send(IdempotencyStore store, ClaimRequest request) throws StoreFailure {
		long sentAt = this.nanoTime.getAsLong();
		try {
			return new Claimed(store.claim(request), request, sentAt);
		}
		catch (UnreadableRecordException | LockedRecordException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			return sendAgain(store, request, sentAt, ex);
		}
	}

	private Claimed sendAgain(IdempotencyStore store, ClaimRequest request, long sentAt, RuntimeException first)
			throws StoreFailure {
		try {
			return new Claimed(store.claim(request), request, sentAt);
		}
		catch (UnreadableRecordException | LockedRecordException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			ex.addSuppressed(first);
			new GiveUp(store, request, sentAt).schedule();
			throw new StoreFailure(ex);
		}
	}

	/**
	 * Return a token that nobody has used yet.
	 * @return the owner of a claim to come
	 */
	UUID nextOwner() {
		return new UUID(this.instance, this.lastOwner.incrementAndGet());
	}

	private static long jittered(long nanos) {
		return nanos - ThreadLocalRandom.current().nextLong(nanos / 4);
	}

	/**
	 * The last answer to a claim.
	 *
	 * @param result the answer
	 * @param request what was asked
	 * @param sentAt when the claim was first sent, in this machine's nanoseconds
	 */
	record Claimed(ClaimResult result, ClaimRequest request, long sentAt) {

	}

	/**
	 * Frees a key whose claim may have been applied although its answer never came.
	 * Somebody else's record, a failed attempt included, is left alone, for as long as
	 * the claim is not seen in it. Else the same claim again finds out: nothing ran, so a
	 * record that it began is forgotten, and one that it took over is kept as a failed
	 * attempt. Tried until the lease would have lapsed by itself.
	 */
	private final class GiveUp implements Runnable {

		private static final Duration PAUSE = Duration.ofMillis(500);

		private static final FailureNote GIVEN_UP = new FailureNote("claim given up, nothing ran", null);

		private final IdempotencyStore store;

		private final ClaimRequest request;

		private final long sentAt;

		private Duration pause = PAUSE;

		private GiveUp(IdempotencyStore store, ClaimRequest request, long sentAt) {
			this.store = store;
			this.request = request;
			this.sentAt = sentAt;
		}

		private void schedule() {
			BackgroundThreads.later(Claims.this.threads.of(this.store).settling(), this, this.pause.toNanos());
		}

		private void scheduleUnlessLapsed() {
			if (Claims.this.nanoTime.getAsLong() - this.sentAt < this.request.lease().toNanos()) {
				schedule();
			}
		}

		private boolean ofSomebodyElse() {
			return this.store.find(this.request.id())
				.filter((record) -> !record.owner().equals(this.request.owner()))
				.isPresent();
		}

		private static Release how(ClaimResult.Acquired acquired) {
			return (acquired.attempt() > 1) ? new Release.Failed(GIVEN_UP) : new Release.Forget();
		}

		@Override
		public void run() {
			try {
				if (ofSomebodyElse()) {
					this.pause = this.pause.multipliedBy(2);
					scheduleUnlessLapsed();
				}
				else if (this.store.claim(this.request) instanceof ClaimResult.Acquired acquired) {
					this.store.release(acquired.lease(), how(acquired));
				}
			}
			catch (RuntimeException ex) {
				logger.debug("A claim without an answer could not be given up yet", ex);
				scheduleUnlessLapsed();
			}
		}

	}

}
