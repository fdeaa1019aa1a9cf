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
 * How the values of one class become bytes; found once per class.
 */
@FunctionalInterface
interface Form {

	/**
	 * Write a value.
	 * @param encoder where to, and where we are
	 * @param value the value
	 * @param declared its declared type
	 */
	void write(Encoder encoder, Object value, Declared declared);

	/**
	 * Return the text of a value that is its own key.
	 * @param value the value
	 * @return the text, or {@code null} if the value is digested instead
	 */
	default @Nullable String text(Object value) {
		return null;
	}

}
