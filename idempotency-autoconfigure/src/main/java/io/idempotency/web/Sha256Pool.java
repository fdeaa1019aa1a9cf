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

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * SHA-256 digests that are used again: to look one up and to make it costs more than to
 * digest a small request. Safe for use by several threads.
 */
final class Sha256Pool {

	private static final int SLOTS = 16;

	/** Slots lie this far apart, so that two processors rarely share a cache line. */
	private static final int STRIDE = 16;

	private final AtomicReferenceArray<MessageDigest> slots = new AtomicReferenceArray<>(SLOTS * STRIDE);

	/**
	 * Take a digest, which nobody else has meanwhile.
	 * @return a digest of nothing
	 */
	MessageDigest take() {
		MessageDigest kept = this.slots.getAndSet(slot(), null);
		return (kept != null) ? kept : create();
	}

	/**
	 * Give a digest back, which is not used any more.
	 * @param digest a digest whose result was taken
	 */
	void give(MessageDigest digest) {
		this.slots.lazySet(slot(), digest);
	}

	private static int slot() {
		return ((int) Thread.currentThread().getId() & (SLOTS - 1)) * STRIDE;
	}

	private static MessageDigest create() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

}
