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

import io.idempotency.web.ExchangeRun;
import org.jspecify.annotations.Nullable;

/**
 * How the server ends with a request: with its last dispatch, with an error page, or
 * before the handler's result is there.
 */
final class RequestEnd {

	private final ServletExchange exchange;

	private volatile boolean errorPending;

	private volatile @Nullable Thread givingUp;

	RequestEnd(ServletExchange exchange) {
		this.exchange = exchange;
	}

	/** Leave the end to an error page, if the server makes one; of a mock it does not. */
	boolean awaitsErrorPage() {
		ExchangeRun run = this.exchange.run();
		if (run == null || this.exchange.request().mocked()) {
			return false;
		}
		this.errorPending = true;
		run.letGo();
		return true;
	}

	/**
	 * Note that the server waits no longer for the handler's result: the time is over or
	 * the client is gone.
	 */
	void givesUp() {
		this.givingUp = Thread.currentThread();
		ExchangeRun run = this.exchange.run();
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

	/**
	 * Note that an error page begins. One that the server makes by itself is not the
	 * response of a handler that returned.
	 */
	void errorPageBegins() {
		ExchangeRun run = this.exchange.run();
		if (run != null && !this.errorPending && run.hasReturned()) {
			run.fail();
		}
	}

	/** The request is over, unless its error page is still to come. */
	void over() {
		this.exchange.request().over();
		ExchangeRun run = this.exchange.run();
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
