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

import io.idempotency.store.RecordId;

/**
 * The identity of a record: the SHA-256 digest over the length-prefixed scope, operation,
 * window and key. The form is versioned and fixed: another one would lose all records.
 */
public final class Identity {

	private static final byte VERSION = 1;

	private static final BufferPool BUFFERS = new BufferPool();

	private Identity() {
	}

	/**
	 * Return the id of the record of one request.
	 * @param scope whom the key belongs to; empty if it has no owner
	 * @param operation the name of the operation
	 * @param window the {@linkplain Window.Period#label() label} of the period; empty if
	 * there is no window
	 * @param key the {@linkplain Canonicalizer#keyText text} of the key
	 * @return the id, the same in every JVM
	 */
	public static RecordId of(String scope, String operation, String window, String key) {
		Encoder encoder = BUFFERS.take();
		try {
			CanonicalBuffer out = encoder.out();
			out.tag(VERSION);
			out.text(scope);
			out.text(operation);
			out.text(window);
			out.text(key);
			return RecordId.of(out.digest());
		}
		finally {
			BUFFERS.give(encoder);
		}
	}

}
