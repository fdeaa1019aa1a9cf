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

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/**
 * Ends the run of an asynchronous request that is over without having been dispatched
 * back, because its client left or somebody completed it by hand.
 */
final class SettlingListener implements AsyncListener {

	private final RequestEnd end;

	SettlingListener(RequestEnd end) {
		this.end = end;
	}

	@Override
	public void onComplete(AsyncEvent event) {
		this.end.over();
	}

	@Override
	public void onTimeout(AsyncEvent event) {
		this.end.givesUp();
	}

	@Override
	public void onError(AsyncEvent event) {
		this.end.givesUp();
	}

	// A new round of the same request has lost its listeners
	@Override
	public void onStartAsync(AsyncEvent event) {
		event.getAsyncContext().addListener(this);
	}

}
