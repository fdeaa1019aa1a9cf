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

package io.idempotency.messaging.storm;

import java.util.List;

/**
 * A broker, as a {@link MessageStorm} needs it.
 */
interface StormBroker extends AutoCloseable {

	/**
	 * Send a message. Messages may be sent in any order, and arrive later.
	 * @param key the key in its header
	 * @param number which time it is sent, from 0
	 * @throws Exception if the broker does not take it
	 */
	void send(String key, int number) throws Exception;

	/**
	 * Wait until all that was sent has arrived at the broker.
	 * @throws Exception if it does not arrive
	 */
	void flush() throws Exception;

	/**
	 * Return whether every message was delivered and acknowledged. Not every broker can
	 * tell what its consumers have not acknowledged, as long as there are any.
	 * @return whether nothing is left
	 * @throws Exception if the broker does not answer
	 */
	boolean drained() throws Exception;

	/**
	 * Return whether the broker has noticed that all consumers are gone, and has what
	 * they did not acknowledge.
	 * @return whether there is none
	 * @throws Exception if the broker does not answer
	 */
	boolean abandoned() throws Exception;

	/**
	 * Return what a consumer's process has to know about the broker.
	 * @return properties as they stand on a command line
	 */
	List<String> arguments();

}
