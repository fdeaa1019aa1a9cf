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

package io.idempotency.web.reactive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.idempotency.store.Fingerprint;
import io.idempotency.web.ContentType;
import io.idempotency.web.HttpRules;
import io.idempotency.web.ProblemException;
import io.idempotency.web.RequestFingerprint;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.core.ResolvableType;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.codec.FormHttpMessageReader;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.http.codec.multipart.Part;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ServerWebExchange;

/**
 * Takes the fingerprint of a reactive request. Of forms, their fields and parts count.
 */
final class ReactiveFingerprint {

	private final HttpRules rules;

	private final ServerWebExchange exchange;

	private final GuardedRequest request;

	private final @Nullable String contentType;

	ReactiveFingerprint(HttpRules rules, ServerWebExchange exchange, GuardedRequest request) {
		this.rules = rules;
		this.exchange = exchange;
		this.request = request;
		this.contentType = request.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
	}

	/**
	 * Get what the fingerprint is made of.
	 * @param operation the operation's name
	 * @return takes the fingerprint, and comes on a thread that may block if that has to
	 * read files
	 */
	Mono<Supplier<Fingerprint>> of(String operation) {
		ContentType.Kind kind = ContentType.parse(this.contentType).kind();
		if (kind == ContentType.Kind.MULTIPART) {
			return this.exchange.getMultipartData()
				.defaultIfEmpty(new LinkedMultiValueMap<>())
				.publishOn(Schedulers.boundedElastic())
				.map((parts) -> () -> parts(begin(operation), parts));
		}
		if (kind == ContentType.Kind.FORM) {
			return form().defaultIfEmpty(new LinkedMultiValueMap<>())
				.onErrorMap(DataBufferLimitException.class, (ex) -> ProblemException.tooLarge())
				.map(this::fields)
				.map((fields) -> () -> begin(operation).form(fields).finish());
		}
		return this.request.wholeBody().map((body) -> () -> begin(operation).body(body).finish());
	}

	private RequestFingerprint begin(String operation) {
		return this.rules.fingerprint(operation, this.request.getMethod().name(), this.request.getURI().getRawPath(),
				this.request.getURI().getRawQuery(), this.contentType);
	}

	/** A filter may have read the form through the exchange, or the handler its bytes. */
	private Mono<MultiValueMap<String, String>> form() {
		if (!this.request.isRead()) {
			return this.exchange.getFormData();
		}
		FormHttpMessageReader reader = new FormHttpMessageReader();
		reader.setMaxInMemorySize(-1);
		return reader.readMono(ResolvableType.forClassWithGenerics(MultiValueMap.class, String.class, String.class),
				this.request, Map.of());
	}

	private Map<String, String[]> fields(MultiValueMap<String, String> form) {
		Map<String, String[]> fields = new LinkedHashMap<>();
		for (Map.Entry<String, List<String>> field : form.entrySet()) {
			String[] values = field.getValue()
				.stream()
				.map((value) -> (value != null) ? value : "")
				.toArray(String[]::new);
			fields.put(field.getKey(), values);
		}
		this.rules.bodies().checkSize(fields);
		return fields;
	}

	private static Fingerprint parts(RequestFingerprint fingerprint, MultiValueMap<String, Part> parts) {
		for (List<Part> ofName : parts.values()) {
			for (Part part : ofName) {
				String fileName = (part instanceof FilePart file) ? file.filename() : null;
				String contentType = part.headers().getFirst(HttpHeaders.CONTENT_TYPE);
				try (InputStream content = content(part)) {
					fingerprint.part(part.name(), fileName, contentType, content);
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			}
		}
		return fingerprint.finish();
	}

	private static InputStream content(Part part) {
		Iterator<DataBuffer> buffers = part.content().toIterable(1).iterator();
		return new SequenceInputStream(new Enumeration<>() {

			@Override
			public boolean hasMoreElements() {
				return buffers.hasNext();
			}

			@Override
			public InputStream nextElement() {
				return new ByteArrayInputStream(copy(buffers.next()));
			}

		});
	}

	/** Leaves a part in memory as it is for the handler, which gets the same buffer. */
	private static byte[] copy(DataBuffer buffer) {
		ByteBuffer copy = ByteBuffer.allocate(buffer.readableByteCount());
		buffer.toByteBuffer(buffer.readPosition(), copy, 0, copy.capacity());
		DataBufferUtils.release(buffer);
		return copy.array();
	}

}
