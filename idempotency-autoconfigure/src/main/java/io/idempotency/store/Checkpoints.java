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
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import io.idempotency.store.StoredOutcome.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints as bytes, for stores that keep them in the place of an outcome that is not
 * there yet. Each is an entry of its own, and entries are only ever appended, so their
 * order is the order in which the steps were done:
 *
 * <pre>
 *  0  format version of the entry  1
 *  1  kind of the outcome          1
 *  2  length of the name           2
 *  4  length of the payload        4
 *  8  name, UTF-8
 *     payload
 * </pre>
 */
public final class Checkpoints {

	/** The longest name of a step, in characters. */
	public static final int LONGEST_NAME = 500;

	private static final int VERSION = 1;

	private static final int HEADER_LENGTH = 8;

	private static final byte[] NOTHING = {};

	private static final Kind[] KINDS = Kind.values();

	private Checkpoints() {
	}

	/**
	 * Return the entry of a step, to be appended to those before it.
	 * @param step the step's name, of at most {@value #LONGEST_NAME} characters
	 * @param outcome what the step came to
	 * @return the bytes
	 */
	public static byte[] entry(String step, StoredOutcome outcome) {
		if (step.isEmpty() || step.length() > LONGEST_NAME) {
			throw new IllegalArgumentException(
					"The name of a step has from 1 to " + LONGEST_NAME + " characters, not " + step.length());
		}
		byte[] name = step.getBytes(StandardCharsets.UTF_8);
		byte[] payload = (outcome.payload() != null) ? outcome.payload() : NOTHING;
		return ByteBuffer.allocate(HEADER_LENGTH + name.length + payload.length)
			.put((byte) VERSION)
			.put((byte) outcome.kind().ordinal())
			.putShort((short) name.length)
			.putInt(payload.length)
			.put(name)
			.put(payload)
			.array();
	}

	/**
	 * Read what was appended.
	 * @param id the record that it belongs to
	 * @param entries the bytes, {@code null} or none if nothing was
	 * @return the outcomes by step, in the order in which they were appended; of several
	 * for one step the first, because the others are repetitions
	 * @throws UnreadableRecordException if a newer version of the library wrote one of
	 * them: it must not be taken for a step that was not done
	 */
	public static Map<String, StoredOutcome> read(RecordId id, byte @Nullable [] entries) {
		if (entries == null || entries.length == 0) {
			return Map.of();
		}
		Map<String, StoredOutcome> outcomes = new LinkedHashMap<>();
		ByteBuffer buffer = ByteBuffer.wrap(entries);
		while (buffer.hasRemaining()) {
			int version = Byte.toUnsignedInt(buffer.get());
			if (version != VERSION || buffer.remaining() < HEADER_LENGTH - 1) {
				throw new UnreadableRecordException(id, version);
			}
			int kind = Byte.toUnsignedInt(buffer.get());
			int nameLength = Short.toUnsignedInt(buffer.getShort());
			int payloadLength = buffer.getInt();
			if (kind >= KINDS.length || payloadLength < 0 || buffer.remaining() - nameLength < payloadLength) {
				throw new UnreadableRecordException(id, version);
			}
			String step = new String(bytes(buffer, nameLength), StandardCharsets.UTF_8);
			outcomes.putIfAbsent(step, outcome(KINDS[kind], bytes(buffer, payloadLength)));
		}
		return Collections.unmodifiableMap(outcomes);
	}

	private static StoredOutcome outcome(Kind kind, byte[] payload) {
		return switch (kind) {
			case VALUE -> StoredOutcome.value(payload);
			case NO_VALUE -> StoredOutcome.noValue();
			case FAILURE -> StoredOutcome.failure(payload);
			case UNAVAILABLE -> StoredOutcome.unavailable();
		};
	}

	private static byte[] bytes(ByteBuffer buffer, int length) {
		byte[] bytes = new byte[length];
		buffer.get(bytes);
		return bytes;
	}

}
