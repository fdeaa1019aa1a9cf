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

import org.springframework.util.ClassUtils;

/**
 * What both Jackson codecs do around their mapper: HTTP answers are taken apart, and
 * whatever goes wrong is one exception.
 */
final class JsonCodec implements OutcomeCodec {

	private static final boolean WEB_PRESENT = ClassUtils.isPresent("org.springframework.http.ResponseEntity",
			JsonCodec.class.getClassLoader());

	private final JsonMapping mapping;

	JsonCodec(JsonMapping mapping) {
		this.mapping = mapping;
	}

	@Override
	public byte[] encode(Object value, Type type) {
		try {
			if (WEB_PRESENT && ResponseEntityJson.supports(type)) {
				return ResponseEntityJson.write(value, type, this.mapping);
			}
			return this.mapping.write(value, type);
		}
		catch (Exception | StackOverflowError ex) {
			throw new OutcomeCodecException("encode", type, ex);
		}
	}

	@Override
	public @Nullable Object decode(byte[] payload, Type type) {
		try {
			if (WEB_PRESENT && ResponseEntityJson.supports(type)) {
				return ResponseEntityJson.read(payload, type, this.mapping);
			}
			return this.mapping.read(payload, type);
		}
		catch (Exception | StackOverflowError ex) {
			throw new OutcomeCodecException("decode", type, ex);
		}
	}

}
