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

package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Map;

import io.idempotency.store.Fingerprint;
import io.idempotency.web.ContentType;
import io.idempotency.web.HttpRules;
import io.idempotency.web.RequestFingerprint;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;

/**
 * Takes the fingerprint of a servlet request. Forms are read by the container, which
 * cannot do that any more once their bytes are read: their fields and parts count.
 */
final class ServletFingerprint {

	private ServletFingerprint() {
	}

	/**
	 * Take the fingerprint.
	 * @param rules the rules
	 * @param operation the operation's name
	 * @param request the request, whose body is kept
	 * @param seen the same as the handler sees it
	 * @return the fingerprint
	 * @throws UncheckedIOException if the client does not send the body
	 */
	static Fingerprint of(HttpRules rules, String operation, GuardedRequest request, HttpServletRequest seen) {
		String contentType = request.getContentType();
		RequestFingerprint fingerprint = rules.fingerprint(operation, request.getMethod(), request.getRequestURI(),
				request.getQueryString(), contentType);
		Collection<Part> parts = request.parts();
		try {
			if (parts != null) {
				add(parts, fingerprint);
			}
			else if (ContentType.parse(contentType).kind() == ContentType.Kind.FORM) {
				Map<String, String[]> fields = request.getParameterMap();
				rules.bodies().checkSize(fields);
				fingerprint.form(fields);
				if (!request.getMethod().equals("POST") || request.isAskedForBody()) {
					// Of other methods a container leaves the fields in the body, and for
					// whoever asked for it first
					fingerprint.body(request.wholeBody(seen));
				}
			}
			else {
				fingerprint.body(request.wholeBody(seen));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return fingerprint.finish();
	}

	private static void add(Collection<Part> parts, RequestFingerprint fingerprint) throws IOException {
		for (Part part : parts) {
			try (InputStream content = part.getInputStream()) {
				fingerprint.part(part.getName(), part.getSubmittedFileName(), part.getContentType(), content);
			}
		}
	}

}
