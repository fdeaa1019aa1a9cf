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
import java.util.concurrent.Callable;
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
import jakarta.servlet.ServletResponseWrapper;
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

	private final AnswerWriter writer;

	private final GuardedRequest request;

	private final RequestEnd end = new RequestEnd(this);

	private HeldResponse response;

	private @Nullable ExchangeRun run;

	private @Nullable HttpAnswer answer;

	private @Nullable List<String> keyLines;

	private boolean opened;

	private @Nullable Throwable failure;

	private boolean handlerRunning;

	ServletExchange(AnswerWriter writer, HttpServletRequest request, HttpServletResponse response) {
		this.rules = writer.rules();
		this.writer = writer;
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
			this.request.keepBody(this.rules.bodies());
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
			LaterResults.watch(this, run);
		}
		return this.answer == null;
	}

	/** Answer with a problem, whatever becomes of the failure on its way. */
	void refuse(Problem problem) {
		if (this.answer == null) {
			this.response.hold();
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

	/** How the server ends with the request. */
	RequestEnd end() {
		return this.end;
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

	/** The same for a handler that is called by something else than its method. */
	@SuppressWarnings({ "unchecked", "NullAway" })
	<T extends @Nullable Object> T call(Callable<T> handler) throws Exception {
		try {
			return (T) handle(handler::call);
		}
		catch (Exception | Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Note that the framework takes over a result of the handler that comes later.
	 * @param noted tells the run, unless it knows
	 */
	void resultComesLater(Consumer<ExchangeRun> noted) {
		this.handlerRunning = false;
		ExchangeRun run = this.run;
		if (run != null && !run.hasReturned() && !run.awaiting()) {
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
			this.writer.write(this.answer, this.request, this.response);
		}
		else {
			this.writer.writeHeld(this.response);
		}
	}

	/**
	 * Return the response of a later dispatch: who dispatches without naming one gets the
	 * server's own, which holds nothing.
	 */
	HttpServletResponse around(HttpServletResponse response) {
		boolean ours = response == this.response
				|| (response instanceof ServletResponseWrapper wrapper && wrapper.isWrapperFor(this.response));
		return ours ? response : goOnWith(response);
	}

	/** Go on with another response of the server, as of an error page. */
	HeldResponse goOnWith(HttpServletResponse response) {
		this.response = new HeldResponse(response, this, this.rules.maxResponseBody());
		if (this.run != null && !this.run.settled()) {
			this.response.hold();
		}
		return this.response;
	}

}
