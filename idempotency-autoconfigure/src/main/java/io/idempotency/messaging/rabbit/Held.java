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

import java.io.IOException;

/**
 * What the container hands over at a time, and may have to get back.
 */
interface Held {

	/**
	 * Give back to the broker what was postponed, where the container leaves that to the
	 * listener.
	 * @return whether it is settled; otherwise the container is to give it back
	 * @throws IOException if the broker does not take it
	 */
	boolean giveBack() throws IOException;

	/**
	 * Give back to the broker what a listener that failed did not get, where the
	 * container leaves that to the listener.
	 * @param requeue whether what was refused is to come again. What is in progress
	 * elsewhere comes again in any case
	 * @throws IOException if the broker does not take it
	 */
	default void giveBackRest(boolean requeue) throws IOException {
	}

}
