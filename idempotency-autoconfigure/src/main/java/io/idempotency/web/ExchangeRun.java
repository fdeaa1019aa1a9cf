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

package io.idempotency.web;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.OpenRun;
import io.idempotency.engine.Opening;
import io.idempotency.engine.Work;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The run behind one request: what is seen of the handler, and the recording of its
 * response, once. Used by one thread at a time, but for what tells how the work ended,
 * which may come from any.
 */
public final class ExchangeRun {

	private final HttpRules rules;

	private final RecordingPolicy policy;

	private final GuardedCall call;

	private final OpenRun run;

	private volatile boolean settled;

	private boolean reached;

	private boolean answered;

	private boolean forgotten;

	private boolean awaiting;

	private boolean toldOfEnd;

	private boolean left;

	private @Nullable Throwable failure;

	ExchangeRun(HttpRules rules, GuardedCall call, OpenRun run) {
		this.rules = rules;
		this.policy = new RecordingPolicy(rules.serverErrors());
		this.call = call;
		this.run = run;
	}

	/**
	 * Return what the handler may know about its run.
	 * @return the context
	 */
	public IdempotencyContext context() {
		return this.run.context();
	}

	/**
	 * Do a part of the work on this thread.
	 * @param work the part
	 * @return its result
	 * @throws Throwable what it throws
	 */
	public @Nullable Object within(Work work) throws Throwable {
		return this.run.within(work);
	}

	/** Note that the handler itself begins: what was to refuse the request has not. */
	public void reached() {
		this.reached = true;
	}

	/**
	 * Note what the handler returned.
	 * @param result the result, of an asynchronous handler the value inside
	 */
	public synchronized void returned(@Nullable Object result) {
		this.reached = true;
		this.answered = true;
		this.awaiting = false;
		Predicate<@Nullable Object> unless = this.call.unless();
		this.forgotten = unless != GuardedCall.KEEP_ALL && unless.test(result);
	}

	/**
	 * Note that the handler returned and its result comes later. The request may be
	 * answered before, by a time-out.
	 * @param toldOfEnd whether {@link #ended} is called whenever the work ends
	 */
	public synchronized void awaits(boolean toldOfEnd) {
		this.reached = true;
		this.awaiting = true;
		this.toldOfEnd = toldOfEnd;
		if (this.left && !toldOfEnd) {
			this.run.letGo();
		}
	}

	/**
	 * Return whether the handler's own result has not come yet.
	 * @return whether the work goes on
	 */
	public synchronized boolean awaiting() {
		return this.awaiting;
	}

	/**
	 * Note that work ended whose result comes later.
	 * @param result its result
	 * @param failure what it threw, or {@code null}
	 */
	public synchronized void ended(@Nullable Object result, @Nullable Throwable failure) {
		if (!this.awaiting) {
			return;
		}
		if (failure == null) {
			returned(result);
		}
		else {
			this.awaiting = false;
			threw(failure);
		}
		if (this.left) {
			// The thread may be one that must not block
			CompletableFuture.runAsync(this::settleLeft);
		}
	}

	/**
	 * Leave the run to the work, which goes on after the request was answered or its
	 * client is gone: nobody else may run meanwhile, and the response of a time-out is no
	 * answer.
	 */
	public synchronized void leave() {
		this.left = true;
		if (!this.awaiting) {
			settleLeft();
		}
		else if (!this.toldOfEnd) {
			this.run.letGo();
		}
	}

	private void settleLeft() {
		if (this.failure != null) {
			fail();
		}
		else {
			settleUnwritten();
		}
	}

	/**
	 * Note what came out of the handler.
	 * @param failure what it threw
	 */
	public void threw(Throwable failure) {
		if (this.failure == null) {
			this.failure = failure;
		}
	}

	/**
	 * Return whether the run was ended.
	 * @return whether it was
	 */
	public boolean settled() {
		return this.settled;
	}

	/**
	 * Record the response, or decide that there is nothing to record.
	 * @param status its status
	 * @param headers its headers
	 * @param body its bytes
	 * @return the answer to give instead, or {@code null} if the response is the answer
	 */
	public @Nullable HttpAnswer settle(int status, Map<String, ? extends Collection<String>> headers, byte[] body) {
		Retention retention = retention(status);
		if (retention == Retention.NONE) {
			drop(status);
			return null;
		}
		StoredResponse response = new StoredResponse(status, this.rules.recordedHeaders().of(headers), body);
		return record(retention, StoredOutcome.value(response.encode()));
	}

	/**
	 * Record that the request was carried out, before its response goes out unrecorded.
	 * @param status its status
	 * @return the answer to give instead, or {@code null} if the response is the answer
	 */
	public @Nullable HttpAnswer settleWithoutResponse(int status) {
		if (this.settled) {
			return null;
		}
		Retention retention = retention(status);
		if (retention == Retention.NONE) {
			drop(status);
			return null;
		}
		return record(retention, StoredOutcome.unavailable());
	}

	/**
	 * Return whether the handler returned, so that its work is done whatever becomes of
	 * the response.
	 * @return whether it did
	 */
	public boolean answered() {
		return this.answered;
	}

	/**
	 * Record that the request was carried out, although its response could not be made.
	 * @return the answer to give instead, or {@code null}
	 */
	public @Nullable HttpAnswer settleUnwritten() {
		if (this.forgotten) {
			forget();
			return null;
		}
		return record(Retention.RESULT, StoredOutcome.unavailable());
	}

	/** Note that the request failed, if nothing else is known of it yet. */
	public void fail() {
		if (end()) {
			if (this.reached) {
				this.run.fail(this.failure);
			}
			else {
				this.run.forget();
			}
		}
	}

	/** Note that the end is up to somebody who may never come. */
	public void letGo() {
		this.run.letGo();
	}

	/** Leave no trace: the request was refused in front of the handler. */
	public void forget() {
		if (end()) {
			this.run.forget();
		}
	}

	private Retention retention(int status) {
		if (!this.reached || this.forgotten) {
			return Retention.NONE;
		}
		Throwable failure = this.failure;
		if (failure instanceof IdempotencyException && !(failure instanceof IdempotencyKeyMismatchException)) {
			return Retention.NONE;
		}
		if (failure != null && this.call.spec().remembers(failure)) {
			return Retention.FAILURE;
		}
		return this.policy.of(status);
	}

	/** A refusal of the handler had no effect; an error may have had one. */
	private void drop(int status) {
		boolean failed = status >= 500 || this.failure instanceof IdempotencyException;
		if (failed && !this.forgotten) {
			fail();
		}
		else {
			forget();
		}
	}

	private @Nullable HttpAnswer record(Retention retention, StoredOutcome outcome) {
		if (!end()) {
			return null;
		}
		try {
			Opening.Recorded other = (retention == Retention.RESULT) ? this.run.record(outcome)
					: this.run.remember(outcome);
			return (other != null) ? HttpAnswer.of(this.call.spec().name(), other.outcome()) : null;
		}
		catch (IdempotencyLeaseLostException ex) {
			return HttpAnswer.of(Problem.of(ex));
		}
	}

	private synchronized boolean end() {
		boolean first = !this.settled;
		this.settled = true;
		return first;
	}

}
