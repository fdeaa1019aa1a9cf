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

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.UUID;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key that follows from a secret and a text in parts, and tells neither: HMAC-SHA256
 * over the length-prefixed parts, cut to a UUID of version 8 (RFC 9562). The form is
 * fixed: another one would give a call that is repeated after a deployment another key.
 */
public final class DerivedKey {

	private static final String ALGORITHM = "HmacSHA256";

	private static final byte VERSION = 1;

	private DerivedKey() {
	}

	/**
	 * Derive a key.
	 * @param secret what nobody else knows; not empty
	 * @param parts what the key is for; another division into parts gives another key
	 * @return the 36 characters of a UUID, the same in every JVM
	 */
	public static String of(byte[] secret, String... parts) {
		try {
			Mac mac = Mac.getInstance(ALGORITHM);
			mac.init(new SecretKeySpec(secret, ALGORITHM));
			mac.update(VERSION);
			for (String part : parts) {
				byte[] text = part.getBytes(StandardCharsets.UTF_8);
				mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(text.length).flip());
				mac.update(text);
			}
			return uuid(ByteBuffer.wrap(mac.doFinal())).toString();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform has " + ALGORITHM, ex);
		}
	}

	private static UUID uuid(ByteBuffer digest) {
		long high = digest.getLong() & 0xFFFF_FFFF_FFFF_0FFFL | 0x8000L;
		long low = digest.getLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
		return new UUID(high, low);
	}

}
