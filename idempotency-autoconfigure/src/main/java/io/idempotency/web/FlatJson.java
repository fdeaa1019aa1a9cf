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

package io.idempotency.web;

import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON object without objects in it.
 */
final class FlatJson {

	private final StringBuilder out = new StringBuilder(256).append('{');

	/** Write a member, unless its value is missing. */
	void member(String name, @Nullable Object value) {
		if (value == null) {
			return;
		}
		if (this.out.length() > 1) {
			this.out.append(',');
		}
		string(name);
		this.out.append(':');
		if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
			this.out.append(value);
		}
		else {
			string(value.toString());
		}
	}

	String end() {
		return this.out.append('}').toString();
	}

	private void string(String text) {
		this.out.append('"');
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c == '"' || c == '\\') {
				this.out.append('\\').append(c);
			}
			else if (c < 0x20) {
				this.out.append(String.format("\\u%04x", (int) c));
			}
			else {
				this.out.append(c);
			}
		}
		this.out.append('"');
	}

}
