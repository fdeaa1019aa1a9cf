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

package io.idempotency.messaging;

/**
 * Leaves a listener that was not called, but has to return a primitive value. It passes
 * the handlers of exceptions between the listener and its container, such as a
 * {@code RabbitListenerErrorHandler}, which would take it for a failure of the message.
 */
@SuppressWarnings("serial")
final class Postponed extends Error {

	Postponed(Throwable cause) {
		super("The listener was not to be called now", cause, false, false);
	}

}
