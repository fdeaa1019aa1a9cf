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

import java.util.HexFormat;

import org.jspecify.annotations.Nullable;

import io.idempotency.store.Fingerprint;

/**
 * Digests values by what they mean, so that the same request has the same digest in every
 * JVM and after every deployment. The canonical form has a {@linkplain #VERSION version}
 * and depends on no mapper, locale, time zone, character set, field order or hash order.
 *
 * <p>
 * The rules of version 1:
 * <ul>
 * <li>Numbers count by value: {@code 1}, {@code 1L} and {@code new BigDecimal("1.00")}
 * are the same. A {@code double} or {@code float} is the shortest decimal that stands for
 * it; {@code -0.0} is {@code 0}, and {@code NaN} and the infinities are themselves.
 * <li>Text is exact: case, space and Unicode form matter. {@code char} is text.
 * <li>{@code null}, empty {@code Optional}s and what is not there are the same, and are
 * left out of objects and arguments, so that an optional member or a last optional
 * parameter may be added without a change of digests. In a list or a map they count. An
 * {@code Optional} is otherwise what it contains.
 * <li>Records count by their components; other objects by their public getters (computed
 * ones too), or by their public fields if they have no getter. Names of members matter,
 * their order does not.
 * <li>Lists, deques and arrays count in their order; {@code byte[]} counts as bytes. Sets
 * and other collections that promise no order count by their content, and so do maps.
 * <li>The simple class name counts where an object's class is not its declared type (an
 * interface, a base class, a type variable, the element of a collection of unknown type),
 * so that variants with equal members differ. It does not count elsewhere.
 * <li>Enum constants count by name; points in time ({@code Instant}, {@code Date}) to the
 * nanosecond; the other {@code java.time} values, {@code UUID}, {@code URI}, {@code URL}
 * (nothing is looked up), {@code Path}, {@code Locale}, {@code Currency} and the like by
 * their text.
 * <li>Everything else is refused with an {@link UndigestibleArgumentException}: streams,
 * requests, lambdas, proxies, exceptions, unlisted types of the platform, objects without
 * readable members, cycles, and what is nested more than 64 levels deep.
 * </ul>
 *
 * Safe for use by many threads. An argument must not be changed while it is digested.
 */
public final class Canonicalizer {

	/** The version of the canonical form; the first byte of what is digested. */
	public static final byte VERSION = 1;

	private final BufferPool buffers = new BufferPool();

	/**
	 * Digest a value.
	 * @param value the value
	 * @return 32 bytes
	 * @throws UndigestibleArgumentException if the value has no canonical form
	 */
	public byte[] digest(@Nullable Object value) {
		Encoder encoder = this.buffers.take();
		try {
			encoder.out().tag(VERSION);
			encoder.value(value, Declared.NOWHERE);
			return encoder.out().digest();
		}
		finally {
			this.buffers.give(encoder);
		}
	}

	/**
	 * Digest arguments by their positions in the signature; names do not count, so that a
	 * parameter may be renamed.
	 * @param signature what is known about the arguments
	 * @param arguments their values, as many as the signature has
	 * @return 32 bytes
	 * @throws UndigestibleArgumentException if an argument has no canonical form
	 */
	public byte[] digest(Signature signature, @Nullable Object[] arguments) {
		if (arguments.length != signature.size()) {
			throw new IllegalArgumentException(arguments.length + " arguments for a signature of " + signature.size());
		}
		Encoder encoder = this.buffers.take();
		try {
			encoder.out().tag(VERSION);
			write(encoder, signature, arguments);
			return encoder.out().digest();
		}
		finally {
			this.buffers.give(encoder);
		}
	}

	private static void write(Encoder encoder, Signature signature, @Nullable Object[] arguments) {
		encoder.enter(arguments);
		encoder.out().tag(Tag.ARGUMENTS);
		for (int i = 0; i < arguments.length; i++) {
			Object argument = Declared.unwrap(arguments[i]);
			if (argument != null) {
				encoder.member(signature.name(i));
				encoder.out().unsigned(i + 1L);
				encoder.value(argument, signature.type(i));
			}
		}
		encoder.out().tag(Tag.END);
		encoder.leave();
	}

	/**
	 * Return the fingerprint of a value.
	 * @param value what must be equal when a key is used again
	 * @return the fingerprint
	 * @throws UndigestibleArgumentException if the value has no canonical form
	 */
	public Fingerprint fingerprint(@Nullable Object value) {
		return Fingerprint.of(digest(value));
	}

	/**
	 * Return the fingerprint of arguments.
	 * @param signature what is known about the arguments
	 * @param arguments their values, as many as the signature has
	 * @return the fingerprint
	 * @throws UndigestibleArgumentException if an argument has no canonical form
	 */
	public Fingerprint fingerprint(Signature signature, @Nullable Object[] arguments) {
		return Fingerprint.of(digest(signature, arguments));
	}

	/**
	 * Return the text of a key. Text, numbers, booleans, enum constants, {@code UUID}s,
	 * {@code java.time} values and the like stand for themselves, numbers by value
	 * ({@code 1.0} and {@code 1.00} are one key); everything else by its digest.
	 * @param key the key
	 * @return the text, or 64 hexadecimal characters; empty for an empty {@code Optional}
	 * @throws UndigestibleArgumentException if the key has no canonical form
	 */
	public String keyText(Object key) {
		Object present = Declared.unwrap(key);
		if (present == null) {
			return "";
		}
		String text = Forms.of(present.getClass()).text(present);
		return (text != null) ? text : HexFormat.of().formatHex(digest(present));
	}

}
