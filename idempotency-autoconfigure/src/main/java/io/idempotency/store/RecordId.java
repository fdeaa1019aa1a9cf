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

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;

/**
 * Identifies a record: the SHA-256 digest over scope, operation, window and key, and the
 * only form in which a key reaches a store. Immutable.
 */
public final class RecordId implements Comparable<RecordId> {

	/** The number of bytes of an id. */
	public static final int LENGTH = 32;

	private static final int SHORT_FORM_BYTES = 4;

	private final byte[] bytes;

	private final int hash;

	private RecordId(byte[] bytes) {
		this.bytes = bytes;
		this.hash = (bytes[0] << 24) | ((bytes[1] & 0xFF) << 16) | ((bytes[2] & 0xFF) << 8) | (bytes[3] & 0xFF);
	}

	/**
	 * Create an id from a digest.
	 * @param digest 32 bytes, copied
	 * @return the id
	 */
	public static RecordId of(byte[] digest) {
		if (digest.length != LENGTH) {
			throw new IllegalArgumentException(
					"A record id has " + LENGTH + " bytes, not " + digest.length + ": pass a SHA-256 digest");
		}
		return new RecordId(digest.clone());
	}

	/**
	 * Create an id from its hexadecimal form.
	 * @param hex 64 hexadecimal characters
	 * @return the id
	 */
	public static RecordId ofHex(String hex) {
		return of(HexFormat.of().parseHex(hex));
	}

	/**
	 * Check that no record is among several twice.
	 * @param ids the records of a verb on many
	 * @throws IllegalArgumentException if one is
	 */
	public static void requireDistinct(Collection<RecordId> ids) {
		if (new HashSet<>(ids).size() != ids.size()) {
			throw new IllegalArgumentException("A verb on many records names each of them once");
		}
	}

	/**
	 * Return the digest.
	 * @return a copy of the 32 bytes
	 */
	public byte[] toBytes() {
		return this.bytes.clone();
	}

	/**
	 * Return the whole id for use as a store's key.
	 * @return 64 lower-case hexadecimal characters
	 */
	public String toHex() {
		return HexFormat.of().formatHex(this.bytes);
	}

	/**
	 * Return the form that may stand in logs and messages.
	 * @return the first eight hexadecimal characters
	 */
	public String shortForm() {
		return HexFormat.of().formatHex(this.bytes, 0, SHORT_FORM_BYTES);
	}

	@Override
	public int compareTo(RecordId other) {
		return Arrays.compareUnsigned(this.bytes, other.bytes);
	}

	@Override
	public boolean equals(Object other) {
		return this == other || (other instanceof RecordId that && Arrays.equals(this.bytes, that.bytes));
	}

	@Override
	public int hashCode() {
		return this.hash;
	}

	@Override
	public String toString() {
		return shortForm();
	}

}
