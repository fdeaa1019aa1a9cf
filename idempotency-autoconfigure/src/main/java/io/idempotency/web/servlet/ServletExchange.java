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
import java.util.function.Supplier;

import io.idempotency.IdempotencyException;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.Work;
import io.idempotency.store.Fingerprint;
import io.idempotency.web.ExchangeRun;
import io.idempotency.web.HttpAnswer;
import io.idempotency.web.HttpRules;
import io.idempotency.web.Problem;
import io.idempotency.web.ProblemException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.DispatcherServlet;

/**
 * One request on its way through the filter, the dispatcher and back, over all its
 * dispatches. At most one key is claimed for it. What ends it is an answer: a recorded
 * response, a problem, or what the handler wrote, which is recorded before its first byte
 * leaves.
 */
final class ServletExchange {

	private static final String ATTRIBUTE = ServletExchange.class.getName();

	private final HttpRules rules;

	private final Answers answers;

	private final GuardedRequest request;

	private HeldResponse response;

	private @Nullable ExchangeRun run;

	private @Nullable HttpAnswer answer;

	private boolean opened;

	private volatile boolean errorPending;

	private boolean handlerRunning;

	ServletExchange(HttpRules rules, HttpServletRequest request, HttpServletResponse response) {
		this.rules = rules;
		this.answers = new Answers(rules);
		this.request = new GuardedRequest(request, this);
		this.response = new HeldResponse(response, this, rules.maxResponseBody());
		request.setAttribute(ATTRIBUTE, this);
	}

	static @Nullable ServletExchange of(HttpServletRequest request) {
		return (request.getAttribute(ATTRIBUTE) instanceof ServletExchange exchange) ? exchange : null;
	}

	/**
	 * Return the request that this thread is working on, as the dispatcher has it.
	 * @return the request, or {@code null} if there is none
	 */
	static @Nullable HttpServletRequest currentRequest() {
		RequestAttributes attributes = RequestContextHolder.getRequestAttributes();
		return (attributes instanceof ServletRequestAttributes servlet) ? servlet.getRequest() : null;
	}

	// The way through the filter

	void pass(FilterChain chain) throws IOException, ServletException {
		through(() -> chain.doFilter(this.request, this.response));
	}

	/**
	 * Pass in a later dispatch: an asynchronous one or a forward, around request and
	 * response of before, or that of an error page, which has its own. Servers close the
	 * response right after each.
	 */
	void passAgain(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		if (request.getDispatcherType() == DispatcherType.FORWARD) {
			// Whoever forwarded may know what to do about its failure
			chain.doFilter(request, response);
			finishUnlessAsync();
			return;
		}
		if (request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) == null || this.answer != null) {
			through(() -> chain.doFilter(request, response));
			return;
		}
		HeldResponse errorPage = new HeldResponse(response, this, this.rules.maxResponseBody());
		this.response = errorPage;
		if (unsettled()) {
			errorPage.hold();
		}
		through(() -> chain.doFilter(request, errorPage));
	}

	private void through(Passage passage) throws IOException, ServletException {
		try {
			passage.run();
		}
		catch (IOException | ServletException | RuntimeException | Error ex) {
			if (this.answer == null) {
				threw(ex);
				throw ex;
			}
		}
		finishUnlessAsync();
	}

	private void finishUnlessAsync() throws IOException {
		if (!this.request.isAsyncStarted()) {
			finish();
		}
	}

	/** The container makes an error page of it, or the test sees it. */
	private void threw(Throwable failure) {
		this.response.drop();
		ExchangeRun run = this.run;
		if (run == null) {
			return;
		}
		if (run.answered()) {
			run.settleUnwritten();
			return;
		}
		run.threw(failure);
		if (this.rules.recording().keepsServerErrors() && hasErrorPages()) {
			this.errorPending = true;
			run.letGo();
		}
		else {
			run.fail();
		}
	}

	private void finish() throws IOException {
		HttpAnswer answer = this.answer;
		ExchangeRun run = this.run;
		if (answer == null && run != null && run.awaiting()) {
			run.leave();
		}
		else if (answer == null && run != null && unsettled()) {
			if (this.response.errorSent() && hasErrorPages()) {
				this.errorPending = true;
				run.letGo();
				return;
			}
			answer = settle(run);
			this.answer = answer;
		}
		if (answer != null) {
			this.answers.write(answer, this.request, this.response);
		}
		else {
			this.answers.writeHeld(this.response);
		}
	}

	private @Nullable HttpAnswer settle(ExchangeRun run) {
		if (this.request.getAttribute(DispatcherServlet.EXCEPTION_ATTRIBUTE) instanceof Throwable resolved) {
			if (run.answered()) {
				return run.settleUnwritten();
			}
			run.threw(resolved);
		}
		return run.settle(this.response.getStatus(), this.response.headers(), this.response.heldBytes());
	}

	// Decisions in front of the handler

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
		return this.request.getHeader(this.rules.header().name()) == null || guard();
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
		if (this.run != null) {
			this.response.hold();
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

	/**
	 * Return the fingerprint of the request.
	 * @param operation the operation's name
	 * @return what must be the same when the key is used again
	 */
	Fingerprint fingerprint(String operation) {
		return ServletFingerprint.of(this.rules, operation, this.request);
	}

	GuardedRequest request() {
		return this.request;
	}

	// The handler

	/**
	 * Run the handler, or what is around it.
	 * @param work the handler
	 * @return what it returned
	 * @throws Throwable what it threw
	 */
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

	@Nullable ExchangeRun run() {
		return this.run;
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
			this.answer = run.settleWithoutResponse(this.response.getStatus());
		}
		try {
			if (this.answer != null) {
				this.answers.write(this.answer, this.request, this.response);
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

	private boolean unsettled() {
		return this.run != null && !this.run.settled();
	}

	// Of the servers, but not of a mocked request
	private boolean hasErrorPages() {
		return !this.request.mocked();
	}

	@FunctionalInterface
	private interface Passage {

		void run() throws IOException, ServletException;

	}

}
