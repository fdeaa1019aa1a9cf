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

import io.idempotency.web.ExchangeRun;
import io.idempotency.web.HttpAnswer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * The way of a request through the filter in one of its dispatches, and what is made of
 * how it came back.
 *
 * @param exchange the request
 */
record Passage(ServletExchange exchange) {

	void begin(FilterChain chain) throws IOException, ServletException {
		through(() -> chain.doFilter(this.exchange.request(), this.exchange.response()));
	}

	/**
	 * Pass in a later dispatch: an asynchronous one or a forward, around request and
	 * response of before, or that of an error page, which has its own. Servers close the
	 * response right after each.
	 */
	void again(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		if (request.getDispatcherType() == DispatcherType.FORWARD) {
			// Whoever forwarded may know what to do about its failure
			chain.doFilter(request, response);
			finishUnlessAsync();
		}
		else if (this.exchange.answer() != null) {
			through(() -> chain.doFilter(request, response));
		}
		else if (request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) == null) {
			HttpServletRequest guarded = this.exchange.request().around(request);
			HttpServletResponse held = this.exchange.around(response);
			through(() -> chain.doFilter(guarded, held));
		}
		else {
			this.exchange.end().errorPageBegins();
			HttpServletResponse errorPage = this.exchange.goOnWith(response);
			through(() -> chain.doFilter(request, errorPage));
		}
	}

	private void through(Part part) throws IOException, ServletException {
		try {
			part.run();
		}
		catch (IOException | ServletException | RuntimeException | Error ex) {
			if (this.exchange.answer() == null) {
				threw(ex);
				throw ex;
			}
		}
		finishUnlessAsync();
	}

	private void finishUnlessAsync() throws IOException {
		if (!this.exchange.request().isAsyncStarted()) {
			finish();
		}
	}

	/** The container makes an error page of it, or the test sees it. */
	private void threw(Throwable failure) {
		this.exchange.response().drop();
		ExchangeRun run = this.exchange.run();
		if (run == null) {
			return;
		}
		if (run.awaiting()) {
			run.leave();
			return;
		}
		if (run.hasReturned()) {
			run.fail();
			return;
		}
		run.threw(failure);
		if (!this.exchange.rules().recording().keepsServerErrors() || !this.exchange.end().awaitsErrorPage()) {
			run.fail();
		}
	}

	private void finish() throws IOException {
		ExchangeRun run = this.exchange.run();
		if (this.exchange.answer() == null && run != null && !run.settled()) {
			if (run.awaiting()) {
				run.leave();
			}
			else if (this.exchange.response().errorSent() && this.exchange.end().awaitsErrorPage()) {
				return;
			}
			else {
				this.exchange.answer(settled(run));
			}
		}
		this.exchange.write();
	}

	private @Nullable HttpAnswer settled(ExchangeRun run) {
		try {
			return settle(run);
		}
		catch (RuntimeException | Error ex) {
			// Nobody else would end it
			run.fail();
			throw ex;
		}
	}

	private @Nullable HttpAnswer settle(ExchangeRun run) {
		Throwable failure = this.exchange.failure();
		if (failure != null) {
			if (run.hasReturned()) {
				return run.end(run.endingUnwritten());
			}
			run.threw(failure);
		}
		HeldResponse response = this.exchange.response();
		return run.end(run.ending(response.getStatus(), response.headers(), response.heldBytes()));
	}

	/** The part of the way that is behind the filter. */
	@FunctionalInterface
	private interface Part {

		void run() throws IOException, ServletException;

	}

}
