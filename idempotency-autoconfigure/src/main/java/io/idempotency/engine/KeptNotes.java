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

package io.idempotency.engine;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Notes, made when there is something to note.
 */
final class KeptNotes {

	private @Nullable Map<String, Object> reserved;

	private @Nullable Map<String, Integer> counted;

	synchronized boolean reserve(String what, Object by) {
		if (this.reserved == null) {
			this.reserved = new HashMap<>();
		}
		return this.reserved.computeIfAbsent(what, (unused) -> by) == by;
	}

	synchronized int count(String what) {
		if (this.counted == null) {
			this.counted = new HashMap<>();
		}
		return this.counted.merge(what, 1, Integer::sum);
	}

	synchronized void forget() {
		this.reserved = null;
		this.counted = null;
	}

}
