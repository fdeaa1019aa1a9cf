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

package io.idempotency.key;

import org.jspecify.annotations.Nullable;

/**
 * An argument, or something inside of it, has no canonical form. The message says where
 * it is, of which type, why it cannot be digested and what to do; it never contains a
 * value.
 */
@SuppressWarnings("serial")
public final class UndigestibleArgumentException extends RuntimeException {

	private final String path;

	private final Class<?> type;

	UndigestibleArgumentException(String path, Class<?> type, String reason, @Nullable Throwable cause) {
		super("Cannot digest " + (path.isEmpty() ? "a value" : "'" + path + "'") + " of type " + type.getTypeName()
				+ ": " + reason + ". Mark the parameter with @IdempotencyIgnore, name a key, or choose what counts"
				+ " with a fingerprint expression", cause);
		this.path = path;
		this.type = type;
	}

	/**
	 * Return where the value is.
	 * @return a path such as {@code order.items[2].stream}, beginning with the name of
	 * the parameter where there is one; empty for the digested value itself
	 */
	public String path() {
		return this.path;
	}

	/**
	 * Return the type that has no canonical form.
	 * @return the value's class
	 */
	public Class<?> type() {
		return this.type;
	}

}
