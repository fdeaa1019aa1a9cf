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

package io.idempotency.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What was asked for under a key: the first half of a SHA-256 digest over its canonical
 * form. The same key with another fingerprint is the caller's mistake. 128 bits keep a
 * record small and leave nobody a second request with the same fingerprint. Immutable.
 */
public final class Fingerprint {

	/** The number of bytes of a fingerprint. */
	public static final int LENGTH = 16;

	private final byte[] bytes;

	private Fingerprint(byte[] bytes) {
		this.bytes = bytes;
	}

	/**
	 * Create a fingerprint from a digest or from stored bytes.
	 * @param digest at least 16 bytes, of which the first 16 count
	 * @return the fingerprint
	 */
	public static Fingerprint of(byte[] digest) {
		if (digest.length < LENGTH) {
			throw new IllegalArgumentException("A fingerprint has " + LENGTH + " bytes, not " + digest.length);
		}
		return new Fingerprint(Arrays.copyOf(digest, LENGTH));
	}

	/**
	 * Return the stored form.
	 * @return a copy of the 16 bytes
	 */
	public byte[] toBytes() {
		return this.bytes.clone();
	}

	@Override
	public boolean equals(Object other) {
		return this == other || (other instanceof Fingerprint that && Arrays.equals(this.bytes, that.bytes));
	}

	@Override
	public int hashCode() {
		return ByteBuffer.wrap(this.bytes).getInt();
	}

	@Override
	public String toString() {
		return HexFormat.of().formatHex(this.bytes);
	}

}
