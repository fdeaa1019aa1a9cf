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

package io.idempotency.codec;

import java.lang.reflect.Type;

import org.jspecify.annotations.Nullable;

/**
 * Encodes a result for a store and restores it as its declared type. What comes out of a
 * store is untrusted: an implementation never lets stored bytes choose a class, other
 * than among the subtypes that the declared type itself names. Safe for use by many
 * threads.
 */
public interface OutcomeCodec {

	/**
	 * Encode a value.
	 * @param value the value, not {@code null}
	 * @param type its declared type, generic where the declaration is
	 * @return the encoded form
	 * @throws OutcomeCodecException if the value cannot be encoded
	 */
	byte[] encode(Object value, Type type);

	/**
	 * Restore a value. Properties that the type does not have are ignored.
	 * @param payload what {@link #encode} returned, now or in an earlier version of the
	 * application
	 * @param type the declared type
	 * @return a new instance, equal to the encoded value
	 * @throws OutcomeCodecException if the payload cannot be read as this type
	 */
	@Nullable Object decode(byte[] payload, Type type);

}
