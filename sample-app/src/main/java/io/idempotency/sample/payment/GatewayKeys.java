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

package io.idempotency.sample.payment;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.springframework.stereotype.Component;

/**
 * Derives the key that the gateway gets from the key that the client sent. It is the same
 * on every attempt and after a restart, so that the gateway can recognize a retry, and it
 * does not tell the gateway what the client's key was.
 */
@Component
class GatewayKeys {

	private static final String ALGORITHM = "HmacSHA256";

	private final SecretKeySpec secret;

	GatewayKeys(GatewayProperties properties) {
		this.secret = new SecretKeySpec(properties.keySecret().getBytes(StandardCharsets.UTF_8), ALGORITHM);
	}

	String derive(String operation, String key) {
		try {
			Mac mac = Mac.getInstance(ALGORITHM);
			mac.init(this.secret);
			// No operation has a colon in its name, so two pairs never meet in one text
			byte[] digest = mac.doFinal((operation + ":" + key).getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform has " + ALGORITHM, ex);
		}
	}

}
