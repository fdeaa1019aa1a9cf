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
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

import io.idempotency.IdempotencyContext;
import io.idempotency.engine.Ending;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.OpenRun;
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

	private final OpenRun run;

	private final Handling handling;

	private final RunEnd end;

	private boolean awaiting;

	private boolean toldOfEnd;

	private boolean notBegun;

	private boolean left;

	ExchangeRun(HttpRules rules, GuardedCall call, OpenRun run) {
		this.rules = rules;
		this.handling = new Handling(call.spec(), rules.recording());
		this.run = run;
		this.end = new RunEnd(call.spec().name(), run);
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
		this.handling.reached();
	}

	/**
	 * Note that the handler begins next, where nobody will tell when it did.
	 * @param refusal tells of a failure that it came from in front of the handler, where
	 * the request leaves no trace
	 */
	public void reachedUnless(Predicate<Throwable> refusal) {
		this.handling.reachedUnless(refusal);
	}

	/**
	 * Note what the handler returned.
	 * @param result the result, of an asynchronous handler the value inside
	 */
	public synchronized void returned(@Nullable Object result) {
		this.awaiting = false;
		this.handling.returned(this.run.forgets(result));
	}

	/**
	 * Note that the handler returned and its result comes later. The request may be
	 * answered before, by a time-out.
	 * @param toldOfEnd whether {@link #ended} is called whenever the work ends
	 */
	public synchronized void awaits(boolean toldOfEnd) {
		this.handling.reached();
		this.awaiting = true;
		this.toldOfEnd = toldOfEnd;
		if (this.left && !toldOfEnd) {
			this.run.letGo();
		}
	}

	/**
	 * Note that the handler returned a task that is run later, or never: where there is
	 * no room for it, or where the request was answered before.
	 */
	public synchronized void awaitsTask() {
		awaits(false);
		this.notBegun = true;
	}

	/**
	 * Note that the task begins, unless the run was left: then somebody else may do its
	 * work. From here on {@link #ended} is called whenever it ends.
	 * @return whether the task may run
	 */
	public synchronized boolean begins() {
		if (this.left) {
			return false;
		}
		this.notBegun = false;
		this.toldOfEnd = true;
		return true;
	}

	/**
	 * Return whether the handler's own result has not come yet.
	 * @return whether the work goes on
	 */
	public synchronized boolean awaiting() {
		return this.awaiting;
	}

	/**
	 * Note that work ended whose result comes later. May be called on a thread that must
	 * not block.
	 * @param result its result
	 * @param failure what it threw, or {@code null}
	 */
	public void ended(@Nullable Object result, @Nullable Throwable failure) {
		if (endsLeft(result, failure)) {
			end(endingLeft(), this.run.ownThreads());
		}
	}

	private synchronized boolean endsLeft(@Nullable Object result, @Nullable Throwable failure) {
		if (!this.awaiting) {
			return false;
		}
		if (failure == null) {
			returned(result);
		}
		else {
			this.awaiting = false;
			threw(failure);
		}
		return this.left;
	}

	/**
	 * Leave the run to the work, which goes on after the request was answered or its
	 * client is gone: nobody else may run meanwhile, and the response of a time-out is no
	 * answer. Work that did not begin never will.
	 */
	public void leave() {
		if (leaves()) {
			end(endingLeft());
		}
	}

	private synchronized boolean leaves() {
		this.left = true;
		if (this.awaiting && !this.notBegun) {
			if (!this.toldOfEnd) {
				this.run.letGo();
			}
			return false;
		}
		return true;
	}

	private synchronized Ending endingLeft() {
		return this.notBegun ? Ending.forgotten() : this.handling.endingLeft();
	}

	/**
	 * Note what came out of the handler.
	 * @param failure what it threw
	 */
	public void threw(Throwable failure) {
		this.handling.threw(failure);
	}

	/**
	 * Return whether the run was ended.
	 * @return whether it was
	 */
	public boolean settled() {
		return this.end.isSettled();
	}

	/**
	 * Return the end of a run whose response can be recorded.
	 * @param status its status
	 * @param headers its headers
	 * @param body its bytes
	 * @return what to {@link #end(Ending)} it with
	 */
	public Ending ending(int status, Map<String, ? extends Collection<String>> headers, byte[] body) {
		return this.handling.ending(status, () -> StoredOutcome
			.value(new StoredResponse(status, this.rules.recordedHeaders().of(headers), body).encode()));
	}

	/**
	 * Return the end of a run whose response goes out unrecorded.
	 * @param status its status
	 * @return what to {@link #end(Ending)} it with
	 */
	public Ending endingWithoutResponse(int status) {
		return this.handling.ending(status, StoredOutcome::unavailable);
	}

	/**
	 * Return the end of a run whose request was carried out, although its response could
	 * not be made.
	 * @return what to {@link #end(Ending)} it with
	 */
	public Ending endingUnwritten() {
		return this.handling.endingUnwritten();
	}

	/**
	 * Return the end of a run of whose request nothing is known but that it failed.
	 * @return what to {@link #end(Ending)} it with
	 */
	public Ending endingInFailure() {
		return this.handling.endingInFailure();
	}

	/**
	 * Return whether the handler returned, so that its work is done whatever becomes of
	 * the response.
	 * @return whether it did
	 */
	public boolean hasReturned() {
		return this.handling.hasReturned();
	}

	/**
	 * End the run, unless it was ended.
	 * @param ending how
	 * @return the answer to give instead, or {@code null} if the response is the answer
	 */
	public @Nullable HttpAnswer end(Ending ending) {
		return this.end.settle(ending);
	}

	/**
	 * End the run, unless it was ended, without a waiting thread where the store can do
	 * so.
	 * @param ending how
	 * @param blocking threads that may wait for the store
	 * @return completes with the answer to give instead, if there is one, perhaps on a
	 * thread that must not block
	 */
	public CompletionStage<Optional<HttpAnswer>> end(Ending ending, Executor blocking) {
		return this.end.settle(ending, blocking);
	}

	/**
	 * Note that the request failed, if nothing else is known of it yet. A handler that
	 * returned has done its work all the same.
	 */
	public void fail() {
		end(hasReturned() ? endingUnwritten() : endingInFailure());
	}

	/** Note that the end is up to somebody who may never come. */
	public void letGo() {
		this.run.letGo();
	}

}
