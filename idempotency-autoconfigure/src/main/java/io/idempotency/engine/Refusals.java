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

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyInProgressException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyResultUnavailableException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.RecordId;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * What callers are told who get no answer: what happened, to which operation, and what to
 * do. Each note in the conversation how the call ended, and is thrown by whoever asks for
 * it.
 */
final class Refusals {

	private static final Duration SHORTLY = Duration.ofSeconds(1);

	private Refusals() {
	}

	static IdempotencyKeyMismatchException mismatch(Conversation conversation) {
		conversation.ends(CallOutcome.MISMATCH);
		return new IdempotencyKeyMismatchException(operation(conversation),
				sentence(conversation, "was used before to ask for something else. "
						+ "Send a new request with a new key; to compare less than all arguments, set 'fingerprint'"),
				null);
	}

	static IdempotencyInProgressException inProgress(Conversation conversation, IdempotencyRecord record) {
		return inProgress(conversation, record.age(), record.leaseRemaining());
	}

	static IdempotencyInProgressException inProgress(Conversation conversation, Duration age, Duration retryAfter) {
		conversation.ends(CallOutcome.REJECTED);
		String why = (conversation.ambient() != null) ? "; a caller inside a transaction does not wait" : "";
		return new IdempotencyInProgressException(operation(conversation),
				sentence(conversation,
						"has been worked on for " + age.toMillis() + " ms" + why
								+ ". Try again; the owner's lease runs for another " + retryAfter.toMillis() + " ms"),
				age, retryAfter);
	}

	static IdempotencyInProgressException locked(Conversation conversation, LockedRecordException cause) {
		conversation.ends(CallOutcome.REJECTED);
		IdempotencyInProgressException rejected = new IdempotencyInProgressException(operation(conversation),
				sentence(conversation, "is being worked on in a transaction that has not ended. Try again"),
				Duration.ZERO, SHORTLY);
		rejected.addSuppressed(cause);
		return rejected;
	}

	static IdempotencyOutcomeUnknownException outcomeUnknown(Conversation conversation, IdempotencyRecord record) {
		conversation.ends(CallOutcome.OUTCOME_UNKNOWN);
		return new IdempotencyOutcomeUnknownException(operation(conversation),
				sentence(conversation,
						"was begun " + record.age().toSeconds()
								+ " s ago and it is not known whether its work was done. Find out, then tell: "
								+ "Idempotency.resolve(operation, key).succeeded(…), failed(…) or runAgain()"),
				null);
	}

	static IdempotencyOutcomeUnknownException repeated(Conversation conversation) {
		conversation.ends(CallOutcome.OUTCOME_UNKNOWN);
		return new IdempotencyOutcomeUnknownException(operation(conversation), sentence(conversation,
				"is worked on by this call, and an advice inside of its guard repeats the work, although it "
						+ "is not known what came of the first time; on-unknown=hold forbids that. Find out, then "
						+ "tell: Idempotency.resolve(operation, key).succeeded(…), failed(…) or runAgain()"),
				null);
	}

	static IdempotencyResultUnavailableException resultUnavailable(Conversation conversation,
			@Nullable Throwable cause) {
		conversation.ends(CallOutcome.RESULT_UNAVAILABLE);
		return new IdempotencyResultUnavailableException(operation(conversation),
				sentence(conversation, "was worked on to the end, but its result could not be stored or cannot be "
						+ "read. It does not run again; look the result up where the work left it"),
				cause);
	}

	static IdempotencyStoreUnavailableException storeUnavailable(Conversation conversation, RuntimeException cause) {
		conversation.ends(CallOutcome.STORE_ERROR);
		return new IdempotencyStoreUnavailableException(operation(conversation),
				sentence(conversation, "could not be claimed: the store '" + store(conversation)
						+ "' failed. Nothing ran. " + "Try again when the store answers"),
				cause);
	}

	static IdempotencyLeaseLostException leaseLost(Conversation conversation, @Nullable RuntimeException cause) {
		conversation.ends(CallOutcome.LEASE_LOST);
		return new IdempotencyLeaseLostException(operation(conversation),
				"The lease of " + conversation.call().label()
						+ " lapsed while the work ran, and somebody else took over. "
						+ "This run's result was not recorded. Ask again for the recorded one; "
						+ "set a longer lease if this happens without a crash",
				cause);
	}

	static IllegalStateException secondConnection(Conversation conversation) {
		conversation.ends(CallOutcome.REJECTED);
		return new IllegalStateException("Operation '" + operation(conversation) + "' has transaction="
				+ conversation.call().spec().transaction().name()
				+ " and was called inside a transaction on the store's own database. It would need a second "
				+ "connection while the caller holds one, and enough such callers bring the pool to a standstill. "
				+ "Nothing ran. Use transaction=AUTO to record it in the caller's transaction, call it outside of "
				+ "one, or give the method Propagation.REQUIRES_NEW and the pool room for two connections per "
				+ "thread");
	}

	static IllegalStateException batchInTransaction(Conversation conversation) {
		conversation.ends(CallOutcome.REJECTED);
		return new IllegalStateException("A batch of operation '" + operation(conversation)
				+ "' cannot be part of a transaction: its records are written apart, and would be there although "
				+ "the transaction is rolled back. Nothing ran. Call it outside of a transaction, open those that "
				+ "its work needs inside of the work, and do not set transaction=JOINED or ATOMIC");
	}

	static IllegalStateException noTransaction(Conversation conversation) {
		conversation.ends(CallOutcome.REJECTED);
		return new IllegalStateException("Operation '" + operation(conversation) + "' has transaction="
				+ conversation.call().spec().transaction().name()
				+ ", but its work begins in no transaction on the database of store '" + store(conversation)
				+ "' that may write. Nothing ran. Make the method or its caller @Transactional on that database's "
				+ "transaction manager, or use AUTO");
	}

	static void refuseCallToItself(GuardedCall call) {
		Assert.state(!ContextStack.anyMatch((context) -> isOf(context, call.id())),
				() -> "The work of " + call.label() + " calls itself with the same key and would wait for itself. "
						+ "Give the nested call its own operation or key");
	}

	private static boolean isOf(IdempotencyContext context, RecordId id) {
		IdempotencyContext run = (context instanceof StepContext step) ? step.run() : context;
		return run instanceof RunContext found && found.id().equals(id);
	}

	private static String operation(Conversation conversation) {
		return conversation.call().spec().name();
	}

	private static String store(Conversation conversation) {
		return conversation.call().spec().store().name();
	}

	private static String sentence(Conversation conversation, String predicate) {
		return "The key with hash " + conversation.call().id().shortForm() + " of operation '" + operation(conversation)
				+ "' " + predicate + ".";
	}

}
