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

package io.idempotency.store.redis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.UUID;

import io.idempotency.OnUnknown;
import io.idempotency.store.Checkpoints;
import io.idempotency.store.FailureNote;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.StoredOutcome.Kind;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * A record as bytes, format version 1. The scripts write it and know the same offsets.
 * All numbers are unsigned and big-endian:
 *
 * <pre>
 *  0  format version         1
 *  1  state                  1  bits 0-1 status, 2 policy HOLD, 3-4 kind of the outcome,
 *                               5 has a fingerprint, 6 somebody waits, 7 is 0
 *  2  attempt                2  stays at 65535
 *  4  claimed at             6  ms since 1970
 * 10  lease until            6  ms since 1970; in FAILED and UNKNOWN when it was given back
 * 16  fence                  7  below 2^53, because Lua counts in doubles
 * 23  owner                 16
 * 39  fingerprint           16  zeros if there is none
 * 55  COMPLETED             the outcome
 *     IN_PROGRESS           the {@linkplain Checkpoints checkpoints}
 *     FAILED, UNKNOWN       nothing, or the length of the note on the failure in 2 bytes,
 *                           0 if there is none, the note, and the checkpoints
 * </pre>
 *
 * When the record ends is not among them: that is the expiry of its key.
 */
final class RecordFormat {

	static final int VERSION = 1;

	private static final int HEADER_LENGTH = 55;

	private static final int STATUS_BITS = 0b11;

	private static final int HOLD_BIT = 1 << 2;

	private static final int KIND_SHIFT = 3;

	private static final int FINGERPRINT_BIT = 1 << 5;

	private static final int FENCE_LENGTH = 7;

	private static final int OWNER_LENGTH = 16;

	private static final int NOTE_LENGTH = 500;

	private static final byte[] NOTHING = {};

	/** The longest time that is written: a thousand years, in which no sum overflows. */
	private static final long FOREVER_MILLIS = ChronoUnit.DAYS.getDuration().toMillis() * 365_000;

	private static final RecordStatus[] STATUSES = { RecordStatus.IN_PROGRESS, RecordStatus.COMPLETED,
			RecordStatus.FAILED, RecordStatus.UNKNOWN };

	private static final Kind[] KINDS = Kind.values();

	private RecordFormat() {
	}

	static int state(OnUnknown policy, @Nullable Fingerprint fingerprint) {
		return ((policy == OnUnknown.HOLD) ? HOLD_BIT : 0) | ((fingerprint != null) ? FINGERPRINT_BIT : 0);
	}

	static int status(RecordStatus status) {
		return switch (status) {
			case IN_PROGRESS -> 0;
			case COMPLETED -> 1;
			case FAILED -> 2;
			case UNKNOWN -> 3;
		};
	}

	static int kind(StoredOutcome outcome) {
		return outcome.kind().ordinal() << KIND_SHIFT;
	}

	static byte[] payload(StoredOutcome outcome) {
		return (outcome.payload() != null) ? outcome.payload() : NOTHING;
	}

	static byte[] owner(UUID owner) {
		return ByteBuffer.allocate(OWNER_LENGTH)
			.putLong(owner.getMostSignificantBits())
			.putLong(owner.getLeastSignificantBits())
			.array();
	}

	static byte[] fingerprint(@Nullable Fingerprint fingerprint) {
		return (fingerprint != null) ? fingerprint.toBytes() : new byte[Fingerprint.LENGTH];
	}

	static byte[] fence(long fence) {
		byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(fence).array();
		return Arrays.copyOfRange(bytes, Long.BYTES - FENCE_LENGTH, Long.BYTES);
	}

	/**
	 * Return what a record has to carry for a lease to be valid: fence and owner, which
	 * lie next to each other so that scripts compare them at once.
	 * @param lease the lease
	 * @return 23 bytes
	 */
	static byte[] ticket(Lease lease) {
		return ByteBuffer.allocate(FENCE_LENGTH + OWNER_LENGTH)
			.put(fence(lease.fence()))
			.put(owner(lease.owner()))
			.array();
	}

	static byte[] note(FailureNote note) {
		byte[] type = cut(note.type()).getBytes(StandardCharsets.UTF_8);
		String message = note.message();
		byte[] text = (message != null) ? cut(message).getBytes(StandardCharsets.UTF_8) : NOTHING;
		int length = Short.BYTES + type.length + 1 + text.length;
		return ByteBuffer.allocate(Short.BYTES + length)
			.putShort((short) length)
			.putShort((short) type.length)
			.put(type)
			.put((byte) ((message != null) ? 1 : 0))
			.put(text)
			.array();
	}

	private static String cut(String text) {
		return (text.length() > NOTE_LENGTH) ? text.substring(0, NOTE_LENGTH) : text;
	}

	/**
	 * Read a record.
	 * @param id its id
	 * @param value its bytes
	 * @param nowMicros the store's time
	 * @param remainingMillis how long the key still lives, negative if it has no expiry
	 * @return the record
	 * @throws UnreadableRecordException if the bytes have another format
	 */
	static IdempotencyRecord read(RecordId id, byte[] value, long nowMicros, long remainingMillis) {
		requireReadable(id, value);
		ByteBuffer buffer = ByteBuffer.wrap(value, 1, value.length - 1);
		int state = Byte.toUnsignedInt(buffer.get());
		int attempt = Short.toUnsignedInt(buffer.getShort());
		Instant claimedAt = Instant.ofEpochMilli(number(buffer, 6));
		Instant leaseUntil = Instant.ofEpochMilli(number(buffer, 6));
		long fence = number(buffer, FENCE_LENGTH);
		UUID owner = new UUID(buffer.getLong(), buffer.getLong());
		byte[] digest = bytes(buffer, Fingerprint.LENGTH);
		Fingerprint fingerprint = ((state & FINGERPRINT_BIT) != 0) ? Fingerprint.of(digest) : null;
		RecordStatus status = STATUSES[state & STATUS_BITS];
		byte[] rest = bytes(buffer, buffer.remaining());
		return new IdempotencyRecord(id, status, ((state & HOLD_BIT) != 0) ? OnUnknown.HOLD : OnUnknown.RETRY,
				fingerprint, owner, fence, attempt, outcome(status, state, rest), failure(status, rest), claimedAt,
				leaseUntil, expiry(nowMicros, remainingMillis), Instant.EPOCH.plus(nowMicros, ChronoUnit.MICROS));
	}

	static void requireReadable(RecordId id, byte[] value) {
		int version = (value.length > 0) ? Byte.toUnsignedInt(value[0]) : 0;
		if (version != VERSION || value.length < HEADER_LENGTH) {
			throw new UnreadableRecordException(id, version);
		}
	}

	private static @Nullable StoredOutcome outcome(RecordStatus status, int state, byte[] payload) {
		if (status != RecordStatus.COMPLETED) {
			return null;
		}
		return switch (KINDS[(state >> KIND_SHIFT) & STATUS_BITS]) {
			case VALUE -> StoredOutcome.value(payload);
			case NO_VALUE -> StoredOutcome.noValue();
			case FAILURE -> StoredOutcome.failure(payload);
			case UNAVAILABLE -> StoredOutcome.unavailable();
		};
	}

	private static @Nullable FailureNote failure(RecordStatus status, byte[] rest) {
		if (rest.length == 0 || (status != RecordStatus.FAILED && status != RecordStatus.UNKNOWN)) {
			return null;
		}
		ByteBuffer buffer = ByteBuffer.wrap(rest);
		int length = Short.toUnsignedInt(buffer.getShort());
		if (length == 0) {
			return null;
		}
		buffer.limit(Short.BYTES + length);
		String type = text(buffer, Short.toUnsignedInt(buffer.getShort()));
		boolean hasMessage = buffer.get() == 1;
		return new FailureNote(type, hasMessage ? text(buffer, buffer.remaining()) : null);
	}

	private static Instant expiry(long nowMicros, long remainingMillis) {
		long remaining = (remainingMillis < 0) ? FOREVER_MILLIS : remainingMillis;
		return Instant.ofEpochMilli(nowMicros / 1000 + remaining);
	}

	private static long number(ByteBuffer buffer, int length) {
		long number = 0;
		for (int i = 0; i < length; i++) {
			number = (number << Byte.SIZE) | Byte.toUnsignedLong(buffer.get());
		}
		return number;
	}

	private static byte[] bytes(ByteBuffer buffer, int length) {
		byte[] bytes = new byte[length];
		buffer.get(bytes);
		return bytes;
	}

	private static String text(ByteBuffer buffer, int length) {
		return new String(bytes(buffer, length), StandardCharsets.UTF_8);
	}

}
