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

import org.jspecify.annotations.Nullable;

import org.springframework.amqp.ImmediateRequeueAmqpException;

/**
 * Has the container give a message back to its queue whose listener was not to be called
 * now. No failure of the message.
 */
@SuppressWarnings("serial")
final class RequeuedException extends ImmediateRequeueAmqpException {

	static final String REASON = "Given back to its queue, because it was not to be worked on now";

	RequeuedException(Throwable cause) {
		super(REASON, cause);
	}

	static boolean isIn(@Nullable Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof RequeuedException) {
				return true;
			}
		}
		return false;
	}

}
