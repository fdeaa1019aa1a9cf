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

package io.idempotency.web;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import io.idempotency.store.Fingerprint;

/**
 * Builds the fingerprint of one request: two requests have the same one if they ask for
 * the same. What is given counts, and in which order; everything is tagged and prefixed
 * with its length, so that no two different requests are the same bytes. The form is
 * versioned and fixed, because retries must find it across deployments. For one request
 * and one thread; nothing is copied, and {@link #finish()} ends it.
 */
public final class RequestFingerprint {

	private static final byte VERSION = 1;

	private static final byte ABSENT = 0;

	private static final byte LINE = 1;

	private static final byte CONTENT_TYPE = 2;

	private static final byte BODY = 3;

	private static final byte JSON_BODY = 4;

	private static final byte FORM = 5;

	private static final byte PART = 6;

	private static final byte OPERATION = 7;

	private static final byte TEXT = 8;

	private static final int CHUNK = 512;

	private static final int STREAM_CHUNK = 8 * 1024;

	private static final Sha256Pool DIGESTS = new Sha256Pool();

	private final FingerprintForm form;

	/** What goes into the digest next: a small request in one go. */
	private final byte[] chunk = new byte[CHUNK];

	private @Nullable MessageDigest begun;

	private int size;

	private @Nullable ContentType contentType;

	/**
	 * Begin a fingerprint.
	 * @param form what makes two bodies the same
	 */
	public RequestFingerprint(FingerprintForm form) {
		this.form = form;
		octet(VERSION);
	}

	/**
	 * Add the request line.
	 * @param method the method
	 * @param path the path as it was sent
	 * @param query the query as it was sent, or {@code null} if there was none
	 * @return this
	 */
	public RequestFingerprint line(String method, String path, @Nullable String query) {
		octet(LINE);
		text(method);
		text(path);
		text(query);
		return this;
	}

	/**
	 * Add the name of the operation, for keys that all operations share.
	 * @param operation the name
	 * @return this
	 */
	public RequestFingerprint operation(String operation) {
		octet(OPERATION);
		text(operation);
		return this;
	}

	/**
	 * Add the content type, which also says how the {@linkplain #body body} is read.
	 * Upper and lower case of names and of the charset, spaces, quotes and the order of
	 * parameters do not count, nor does a multipart boundary.
	 * @param value the header, or {@code null} if there was none
	 * @return this
	 */
	public RequestFingerprint contentType(@Nullable String value) {
		this.contentType = ContentType.parse(value);
		octet(CONTENT_TYPE);
		text(this.contentType.normalized());
		return this;
	}

	/**
	 * Add the body. In {@link FingerprintForm#CANONICAL}, JSON in UTF-8 counts by what it
	 * means: members in any order, white space and escapes left out, numbers as they are
	 * written. What only claims to be JSON counts by its bytes, since the handler decides
	 * about it.
	 * @param body the body, not changed and not kept
	 * @return this
	 * @throws ProblemException of {@link ProblemType#AMBIGUOUS_BODY} if a JSON object has
	 * two members of one name: readers differ in which of them counts
	 */
	public RequestFingerprint body(byte[] body) {
		CanonicalJson json = isCanonical() ? CanonicalJson.of(body) : null;
		if (json == null) {
			octet(BODY);
			bytes(body, body.length);
			return this;
		}
		if (json.isAmbiguous()) {
			throw new ProblemException(new Problem(ProblemType.AMBIGUOUS_BODY, "", null));
		}
		octet(JSON_BODY);
		bytes(json.bytes(), json.size());
		return this;
	}

	private boolean isCanonical() {
		return this.form == FingerprintForm.CANONICAL && this.contentType != null
				&& this.contentType.kind() == ContentType.Kind.JSON;
	}

	/**
	 * Add the fields of a form in place of the body. The order of the names does not
	 * count, the order of the values of a name does.
	 * @param fields the values by name
	 * @return this
	 */
	public RequestFingerprint form(Map<String, String[]> fields) {
		octet(FORM);
		number(fields.size());
		new TreeMap<>(fields).forEach((name, values) -> {
			text(name);
			number(values.length);
			for (String value : values) {
				text(value);
			}
		});
		return this;
	}

	/**
	 * Add a part of a multipart body, in the order of the body. Its content counts by its
	 * bytes.
	 * @param name the name of the form field
	 * @param fileName the name of the file, or {@code null}
	 * @param contentType the part's content type, or {@code null}
	 * @param content the content, read to its end and not closed
	 * @return this
	 * @throws IOException if the content cannot be read; the fingerprint is of no use
	 * then
	 */
	public RequestFingerprint part(String name, @Nullable String fileName, @Nullable String contentType,
			InputStream content) throws IOException {
		octet(PART);
		text(name);
		text(fileName);
		text(ContentType.parse(contentType).normalized());
		// A digest of its own, because the length is known only at the end
		MessageDigest inner = DIGESTS.take();
		byte[] read = new byte[STREAM_CHUNK];
		for (int count = content.read(read); count >= 0; count = content.read(read)) {
			inner.update(read, 0, count);
		}
		byte[] digest = inner.digest();
		DIGESTS.give(inner);
		raw(digest, digest.length);
		return this;
	}

	/**
	 * Return the fingerprint. To be called once.
	 * @return the fingerprint of what was added
	 */
	public Fingerprint finish() {
		MessageDigest sha256 = flush();
		this.begun = null;
		Fingerprint fingerprint = Fingerprint.of(sha256.digest());
		DIGESTS.give(sha256);
		return fingerprint;
	}

	/** Two bytes for each {@code char}, which is exact for whatever a client sends. */
	private void text(@Nullable String text) {
		if (text == null) {
			octet(ABSENT);
			return;
		}
		octet(TEXT);
		number(text.length());
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			octet(c >> 8);
			octet(c);
		}
	}

	private void bytes(byte[] bytes, int length) {
		number(length);
		raw(bytes, length);
	}

	private void number(int number) {
		for (int shift = 24; shift >= 0; shift -= 8) {
			octet(number >> shift);
		}
	}

	private void octet(int value) {
		if (this.size == CHUNK) {
			flush();
		}
		this.chunk[this.size++] = (byte) value;
	}

	private void raw(byte[] bytes, int length) {
		if (length > CHUNK - this.size) {
			flush().update(bytes, 0, length);
			return;
		}
		System.arraycopy(bytes, 0, this.chunk, this.size, length);
		this.size += length;
	}

	private MessageDigest flush() {
		MessageDigest sha256 = this.begun;
		if (sha256 == null) {
			sha256 = DIGESTS.take();
			this.begun = sha256;
		}
		sha256.update(this.chunk, 0, this.size);
		this.size = 0;
		return sha256;
	}

}
