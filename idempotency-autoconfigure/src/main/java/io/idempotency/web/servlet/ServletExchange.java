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

package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.idempotency.IdempotencyException;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.OperationSpec;
import io.idempotency.engine.Work;
import io.idempotency.web.ExchangeRun;
import io.idempotency.web.HttpAnswer;
import io.idempotency.web.HttpRules;
import io.idempotency.web.Problem;
import io.idempotency.web.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * One request over all its dispatches. At most one key is claimed for it. What ends it is
 * an answer: a recorded response, a problem, or what the handler wrote, which is recorded
 * before its first byte leaves.
 */
final class ServletExchange {

	private static final String ATTRIBUTE = ServletExchange.class.getName();

	private final HttpRules rules;

	private final Answers answers;

	private final GuardedRequest request;

	private HeldResponse response;

	private @Nullable ExchangeRun run;

	private @Nullable HttpAnswer answer;

	private @Nullable List<String> keyLines;

	private boolean opened;

	private @Nullable Throwable failure;

	private volatile boolean errorPending;

	private boolean handlerRunning;

	private volatile @Nullable Thread givingUp;

	ServletExchange(Answers answers, HttpServletRequest request, HttpServletResponse response) {
		this.rules = answers.rules();
		this.answers = answers;
		this.request = new GuardedRequest(request, this);
		this.response = new HeldResponse(response, this, this.rules.maxResponseBody());
		request.setAttribute(ATTRIBUTE, this);
	}

	static @Nullable ServletExchange of(HttpServletRequest request) {
		return (request.getAttribute(ATTRIBUTE) instanceof ServletExchange exchange) ? exchange : null;
	}

	/**
	 * Note that the handler will be guarded, before anybody reads the body.
	 * @return whether the request may go on to it
	 */
	boolean guard() {
		try {
			this.request.keepBody(this.rules.maxRequestBody());
			return true;
		}
		catch (ProblemException ex) {
			refuse(ex.problem());
			return false;
		}
	}

	/**
	 * The same for a request whose key is in its header: without one nothing is compared.
	 */
	boolean guardIfKeyed() {
		return keyLines().isEmpty() || guard();
	}

	/**
	 * Return the key of the request.
	 * @param spec its operation
	 * @return the key, or {@code null} if it has none and needs none
	 * @throws ProblemException if the key is missing or invalid
	 */
	@Nullable String key(OperationSpec spec) {
		return this.rules.key(spec, keyLines());
	}

	private List<String> keyLines() {
		List<String> lines = this.keyLines;
		if (lines == null) {
			lines = Collections.list(this.request.getHeaders(this.rules.header().name()));
			this.keyLines = lines;
		}
		return lines;
	}

	/** Whether a key was claimed or an answer found: a request has one operation. */
	boolean opened() {
		return this.opened;
	}

	/**
	 * Claim the key, if the operation needs one and has one.
	 * @param engine claims
	 * @param call describes the call
	 * @return whether the handler is to run
	 */
	boolean claim(IdempotencyEngine engine, Supplier<@Nullable GuardedCall> call) {
		this.opened = true;
		try {
			GuardedCall described = call.get();
			if (described == null) {
				return true;
			}
			HttpAnswer.OrRun opened = HttpAnswer.open(engine, described, this.rules);
			this.run = opened.run();
			this.answer = opened.answer();
		}
		catch (ProblemException ex) {
			refuse(ex.problem());
		}
		catch (IdempotencyException ex) {
			refuse(Problem.of(ex));
		}
		ExchangeRun run = this.run;
		if (run != null) {
			this.response.hold();
			GuardedTask.watch(this, run);
		}
		return this.answer == null;
	}

	void refuse(Problem problem) {
		if (this.answer == null) {
			this.answer = HttpAnswer.of(problem);
		}
		ExchangeRun run = this.run;
		if (run != null) {
			run.fail();
		}
	}

	HttpRules rules() {
		return this.rules;
	}

	GuardedRequest request() {
		return this.request;
	}

	HeldResponse response() {
		return this.response;
	}

	@Nullable ExchangeRun run() {
		return this.run;
	}

	/**
	 * Note what the dispatcher caught, of the handler or of the making of its response.
	 */
	void failed(Throwable failure) {
		this.failure = failure;
	}

	@Nullable Throwable failure() {
		return this.failure;
	}

	@Nullable HttpAnswer answer() {
		return this.answer;
	}

	/** Run the handler, or what is around it. */
	@Nullable Object handle(Work work) throws Throwable {
		ExchangeRun run = this.run;
		if (run == null) {
			return work.run();
		}
		this.handlerRunning = true;
		try {
			return run.within(work);
		}
		catch (Throwable ex) {
			run.threw(ex);
			throw ex;
		}
		finally {
			this.handlerRunning = false;
		}
	}

	/**
	 * Note that the framework takes over a result of the handler that comes later.
	 * @param noted tells the run, unless it knows
	 */
	void resultComesLater(Consumer<ExchangeRun> noted) {
		this.handlerRunning = false;
		ExchangeRun run = this.run;
		if (run != null && !run.answered() && !run.awaiting()) {
			noted.accept(run);
		}
	}

	// The handler may write to it after the filter is gone
	void asyncStarts() {
		if (this.handlerRunning) {
			passThrough();
		}
	}

	/**
	 * Let the response through as it is written. A retry will not get it, and does not
	 * run again.
	 */
	void passThrough() {
		ExchangeRun run = this.run;
		if (run != null && this.answer == null) {
			this.answer = run.end(run.endingWithoutResponse(this.response.getStatus()));
		}
		try {
			if (this.answer != null) {
				write();
			}
			else {
				this.response.passThrough();
			}
		}
		catch (IOException ex) {
			// The client is gone; the handler goes on
			this.response.drop();
		}
	}

	/** Give an answer in place of what the handler wrote, if there is another one. */
	void answer(@Nullable HttpAnswer answer) {
		this.answer = answer;
	}

	/** Write the answer, or what the handler wrote. */
	void write() throws IOException {
		if (this.answer != null) {
			this.answers.write(this.answer, this.request, this.response);
		}
		else {
			this.answers.writeHeld(this.response);
		}
	}

	/** Leave the end to an error page, if the server makes one; of a mock it does not. */
	boolean awaitsErrorPage() {
		if (this.run == null || this.request.mocked()) {
			return false;
		}
		this.errorPending = true;
		this.run.letGo();
		return true;
	}

	/** Go on with the response of an error page. */
	HeldResponse errorPage(HttpServletResponse response) {
		this.response = new HeldResponse(response, this, this.rules.maxResponseBody());
		if (this.run != null && !this.run.settled()) {
			this.response.hold();
		}
		return this.response;
	}

	/**
	 * Note that the server waits no longer for the handler's result: the time is over or
	 * the client is gone.
	 */
	void givesUp() {
		this.givingUp = Thread.currentThread();
		ExchangeRun run = this.run;
		if (run != null && run.awaiting()) {
			run.leave();
		}
	}

	/**
	 * Return whether this thread is the one that gives up. A result that is set by it, as
	 * that of a time-out, is not the end of the work.
	 * @return whether it is
	 */
	boolean givenUpHere() {
		return this.givingUp == Thread.currentThread();
	}

	/** The request is over, unless its error page is still to come. */
	void over() {
		ExchangeRun run = this.run;
		if (run == null || this.errorPending) {
			return;
		}
		if (run.awaiting()) {
			run.leave();
		}
		else {
			run.fail();
		}
	}

}
