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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;

/**
 * A {@link ResponseEntity} as JSON: status, headers, and the body as its declared type.
 * Loaded only where Spring's web classes are.
 */
final class ResponseEntityJson {

	private ResponseEntityJson() {
	}

	static boolean supports(Type type) {
		return ResolvableType.forType(type).resolve() == ResponseEntity.class;
	}

	static byte[] write(Object value, Type type, JsonMapping mapping) throws Exception {
		ResponseEntity<?> response = (ResponseEntity<?>) value;
		Map<String, List<String>> headers = new LinkedHashMap<>();
		response.getHeaders().forEach((name, values) -> headers.put(name, new ArrayList<>(values)));
		return mapping.write(new Envelope<>(response.getStatusCode().value(), headers, response.getBody()),
				envelopeType(type));
	}

	static ResponseEntity<?> read(byte[] json, Type type, JsonMapping mapping) throws Exception {
		Envelope<?> envelope = (Envelope<?>) Objects.requireNonNull(mapping.read(json, envelopeType(type)));
		HttpHeaders headers = new HttpHeaders();
		envelope.headers.forEach(headers::addAll);
		return ResponseEntity.status(envelope.status).headers(headers).body(envelope.body);
	}

	private static Type envelopeType(Type type) {
		ResolvableType body = ResolvableType.forType(type).getGeneric(0);
		if (body.resolve() == null) {
			body = ResolvableType.forClass(Object.class);
		}
		return ResolvableType.forClassWithGenerics(Envelope.class, body).getType();
	}

	/**
	 * The names are part of the stored form and do not follow the application's naming
	 * strategy.
	 *
	 * @param status the status code
	 * @param headers all values of each header
	 * @param body the body
	 * @param <B> the declared type of the body
	 */
	record Envelope<B>(@JsonProperty("status") int status, @JsonProperty("headers") Map<String, List<String>> headers,
			@JsonProperty("body") @Nullable B body) {

	}

}
