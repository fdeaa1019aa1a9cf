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
 * Finds the key that the sender gave a message. A bean of this type replaces the default,
 * which reads the header of {@code idempotency.messaging.header}. Called for each message
 * of a guarded listener that names no key of its own; has to be safe for use by several
 * threads.
 *
 * <p>
 * A sender gives each message a key of its own: two messages with one key are one message
 * to a listener, and the second is skipped or, if it says something else, refused. A
 * message without such a key is told from others by its
 * {@linkplain ReceivedMessage#identity() identity}, which protects against the broker's
 * repetitions but not against a sender that sends twice.
 */
@FunctionalInterface
public interface MessageKey {

	/**
	 * Return the key of a message.
	 * @param message the message
	 * @return the key, or {@code null} if its sender gave it none
	 */
	@Nullable String of(ReceivedMessage message);

	/**
	 * Look elsewhere where this finds nothing.
	 * @param other where to look then
	 * @return both
	 */
	default MessageKey or(MessageKey other) {
		return (message) -> {
			String key = of(message);
			return (key != null) ? key : other.of(message);
		};
	}

	/**
	 * Take the key from a header, such as the one in which a broker has an id of its own
	 * for de-duplication. Blank text is no key.
	 * @param name the header's name
	 * @return finds the key
	 */
	static MessageKey header(String name) {
		return (message) -> {
			String value = message.header(name);
			return (value == null || value.isBlank()) ? null : value;
		};
	}

}
