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
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import io.idempotency.OnConcurrent;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;
import io.idempotency.store.LockedRecordException;
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
	 * Return a claim that is sent when its answer is asked for.
	 * @param conversation the caller
	 * @return the claim
	 */
	Sent inTurn(Conversation conversation) {
		return sent(conversation.call().spec().store(), conversation.request(nextOwner()));
	}

	private Sent sent(IdempotencyStore store, ClaimRequest request) {
		Supplier<ClaimResult> verb = () -> store.claim(request);
		return new Sent(request, this.nanoTime.getAsLong(), verb, verb);
	}

	/**
	 * Send a claim without waiting for its answer.
	 * @param conversation the caller
	 * @param verbs where to
	 * @return completes with the claim once there is an answer, or none twice
	 */
	CompletionStage<Sent> send(Conversation conversation, NonBlockingVerbs verbs) {
		ClaimRequest request = conversation.request(nextOwner());
		long sentAt = this.nanoTime.getAsLong();
		return Answer.to(() -> verbs.claim(request))
			.thenCompose((first) -> Sent.hasNoAnswer(first.failure())
					? Answer.to(() -> verbs.claim(request))
						.thenApply((second) -> new Sent(request, sentAt, first, second))
					: CompletableFuture.completedFuture(new Sent(request, sentAt, first, first)));
	}

	/**
	 * Return whether to {@linkplain #claim go on} with a claim whose answer is here takes
	 * a thread that may wait.
	 * @param conversation the caller
	 * @param sent the claim
	 * @return whether there is an owner or a transaction to wait for
	 */
	static boolean waits(Conversation conversation, Sent sent) {
		try {
			return ownerToWaitFor(sent.received(), sent.request(), conversation) != null;
		}
		catch (RuntimeException ex) {
			return ex instanceof LockedRecordException;
		}
	}

	/**
	 * Claim, and wait if the caller may.
	 * @param conversation the caller
	 * @param flight is told when work is being done elsewhere
	 * @param first the first claim
	 * @return the last answer of the store
	 * @throws StoreFailure if the store did not answer
	 * @throws LockedRecordException if a transaction held the record for as long as the
	 * caller may wait
	 * @throws InterruptedException if this thread is interrupted while it waits
	 */
	Claimed claim(Conversation conversation, Flight flight, Sent first) throws StoreFailure, InterruptedException {
		ClaimRequest request = first.request();
		IdempotencyStore store = conversation.call().spec().store();
		Claimed claimed = untilUnlocked(conversation, store, first);
		IdempotencyRecord record = ownerToWaitFor(claimed.result(), request, conversation);
		if (record == null) {
			return claimed;
		}
		conversation.waits();
		flight.begin(new Flight.UnderWay(record.fingerprint(), record.age(), record.leaseRemaining(),
				this.nanoTime.getAsLong()));
		return await(conversation, request, store, claimed);
	}

	/**
	 * Claim many keys of one store at once, and wait for nobody.
	 * @param conversations the callers
	 * @return the answers in the same order
	 * @throws StoreFailure if the store did not answer
	 */
	List<Claimed> claimAll(List<Conversation> conversations) throws StoreFailure {
		IdempotencyStore store = conversations.get(0).call().spec().store();
		List<ClaimRequest> requests = conversations.stream()
			.map((conversation) -> conversation.request(nextOwner()))
			.toList();
		long sentAt = this.nanoTime.getAsLong();
		List<ClaimResult> results;
		try {
			results = claimedTwiceIfNeedBe(store, requests);
		}
		catch (RuntimeException ex) {
			for (ClaimRequest request : requests) {
				Sent sent = new Sent(request, sentAt, () -> store.claim(request), () -> store.claim(request));
				new GiveUp(this.threads, this.nanoTime, store, sent).schedule();
			}
			throw new StoreFailure(ex);
		}
		return IntStream.range(0, requests.size())
			.mapToObj((i) -> new Claimed(results.get(i), requests.get(i), sentAt))
			.toList();
	}

	private static List<ClaimResult> claimedTwiceIfNeedBe(IdempotencyStore store, List<ClaimRequest> requests) {
		try {
			return store.claimAll(requests);
		}
		catch (RuntimeException none) {
			try {
				return store.claimAll(requests);
			}
			catch (RuntimeException ex) {
				if (ex != none) {
					ex.addSuppressed(none);
				}
				throw ex;
			}
		}
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
				claimed = untilUnlocked(conversation, store, sent(store, request));
				IdempotencyRecord record = ownerToWaitFor(claimed.result(), request, conversation);
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

	private static @Nullable IdempotencyRecord ownerToWaitFor(ClaimResult result, ClaimRequest request,
			Conversation conversation) {
		if (result instanceof ClaimResult.Occupied occupied
				&& Decision.of(occupied, request, conversation.onConcurrent()) == Decision.WAIT) {
			return occupied.record();
		}
		return null;
	}

	/**
	 * Each claim waits in the database for the transaction that holds the record. That is
	 * no failure of the store: somebody is at work.
	 */
	private Claimed untilUnlocked(Conversation conversation, IdempotencyStore store, Sent first) throws StoreFailure {
		Sent sent = first;
		while (true) {
			try {
				return claimed(store, sent);
			}
			catch (LockedRecordException ex) {
				if (conversation.onConcurrent() != OnConcurrent.WAIT || conversation.remainingNanos() <= 0) {
					throw ex;
				}
				conversation.waits();
				sent = sent(store, sent.request());
			}
		}
	}

	private Claimed claimed(IdempotencyStore store, Sent sent) throws StoreFailure {
		try {
			return new Claimed(sent.received(), sent.request(), sent.at());
		}
		catch (RuntimeException ex) {
			if (!Sent.hasNoAnswer(ex)) {
				throw ex;
			}
			new GiveUp(this.threads, this.nanoTime, store, sent).schedule();
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

}
