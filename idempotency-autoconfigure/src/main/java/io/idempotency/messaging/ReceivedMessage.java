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

import org.jspecify.annotations.Nullable;

/**
 * A message as a listener gets it, whatever the broker is.
 */
public interface ReceivedMessage {

	/**
	 * Return where the message was taken from.
	 * @return the name of the topic or the queue
	 */
	String destination();

	/**
	 * Return a header as text.
	 * @param name the header's name, case-sensitive
	 * @return the value, the last one of several, or {@code null} if there is none
	 */
	@Nullable String header(String name);

	/**
	 * Return by what the broker tells this message from every other, however often it
	 * delivers it and through whatever retry topic: the message id that its sender or the
	 * broker's client gave it, or the place where it was first stored. Something that
	 * begins anew with a connection, such as the delivery tag of AMQP, is none.
	 * @return the identity, or {@code null} if the message has none
	 */
	@Nullable String identity();

	/**
	 * Return what the message says, to be compared with another message under the same
	 * key.
	 * @return the content
	 */
	@Nullable Object content();

	/**
	 * Return the message as the broker's library has it, such as a
	 * {@code ConsumerRecord}.
	 * @return the message itself
	 */
	Object nativeMessage();

}
