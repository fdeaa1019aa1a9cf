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

package io.idempotency.messaging.rabbit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.ErrorHandler;

/**
 * Keeps from the container's error handler what is no failure of the message.
 */
final class RequeueingErrorHandler implements ErrorHandler {

	private static final Log logger = LogFactory.getLog(RequeueingErrorHandler.class);

	private final ErrorHandler delegate;

	RequeueingErrorHandler(ErrorHandler delegate) {
		this.delegate = delegate;
	}

	@Override
	public void handleError(Throwable failure) {
		if (RequeuedException.isIn(failure)) {
			logger.debug("A message was given back to its queue", failure);
			return;
		}
		this.delegate.handleError(failure);
	}

}
