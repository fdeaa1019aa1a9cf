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

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Keeps a few encoders for the next digest. Not a thread-local: virtual threads would
 * never find theirs again.
 */
final class BufferPool {

	private static final int SLOTS = 16;

	/** Slots lie this far apart, so that two processors rarely share a cache line. */
	private static final int STRIDE = 16;

	private final AtomicReferenceArray<Encoder> slots = new AtomicReferenceArray<>(SLOTS * STRIDE);

	Encoder take() {
		Encoder kept = this.slots.getAndSet(slot(), null);
		return (kept != null) ? kept : new Encoder();
	}

	void give(Encoder encoder) {
		encoder.clear();
		this.slots.lazySet(slot(), encoder);
	}

	private static int slot() {
		return ((int) Thread.currentThread().getId() & (SLOTS - 1)) * STRIDE;
	}

}
