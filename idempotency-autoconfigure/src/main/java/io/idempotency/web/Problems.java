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

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.springframework.context.MessageSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ProblemDetail;

/**
 * Writes {@link Problem}s as RFC 9457 has it.
 *
 * <p>
 * The {@code type} is the base and the problem's code. Titles and details come from the
 * {@code MessageSource} by the codes {@code idempotency.problem.<code>.title} and
 * {@code idempotency.problem.<code>.detail}; the latter is looked up as
 * {@code idempotency.problem.<code>.<reason>.detail} first if there is a reason. Patterns
 * may use the name of the operation as <code>{0}</code> and the seconds to wait as
 * <code>{1}</code>. What the source lacks, or fails at, is English. Immutable.
 */
public final class Problems {

	/**
	 * The base of problem types where none is configured. It is a name and not an
	 * address: nothing is found there, now or later, so that it may stay the same when
	 * documentation moves.
	 */
	public static final URI DEFAULT_TYPE_BASE = URI.create("urn:problem-type:idempotency:");

	private static final String MEDIA_TYPE = "application/problem+json";

	private final @Nullable MessageSource messages;

	private final String typeBase;

	private final @Nullable String link;

	/**
	 * Create a writer.
	 * @param messages where titles and details come from, if not from here
	 * @param typeBase what the problem's code is appended to, after a separator if it
	 * ends in a letter or digit
	 * @param documentation where the API is described, if somewhere
	 */
	public Problems(@Nullable MessageSource messages, URI typeBase, @Nullable URI documentation) {
		this.messages = messages;
		this.typeBase = withSeparator(typeBase);
		this.link = (documentation != null) ? "<" + documentation.toASCIIString() + ">; rel=\"describedby\"" : null;
	}

	private static String withSeparator(URI base) {
		String text = base.toASCIIString();
		if (text.isEmpty() || !Character.isLetterOrDigit(text.charAt(text.length() - 1))) {
			return text;
		}
		return text + (base.isOpaque() ? ":" : "/");
	}

	/**
	 * Describe a problem.
	 * @param problem the problem
	 * @param locale the language of title and detail
	 * @return a description with {@code code} and, if it is known, {@code operation}
	 */
	public ProblemDetail detail(Problem problem, Locale locale) {
		ProblemType type = problem.type();
		ProblemDetail detail = ProblemDetail.forStatus(type.status());
		detail.setType(URI.create(this.typeBase + type.code()));
		detail.setTitle(title(problem, locale));
		detail.setDetail(text(problem, locale));
		detail.setProperty("code", type.code());
		if (problem.reason() != null) {
			detail.setProperty("reason", problem.reason());
		}
		if (!problem.operation().isEmpty()) {
			detail.setProperty("operation", problem.operation());
		}
		return detail;
	}

	private String title(Problem problem, Locale locale) {
		String message = message(problem.type().code() + ".title", problem, locale);
		return message.isEmpty() ? problem.type().title() : message;
	}

	private String text(Problem problem, Locale locale) {
		String code = problem.type().code();
		String message = (problem.reason() != null)
				? message(code + "." + problem.reason() + ".detail", problem, locale) : "";
		if (message.isEmpty()) {
			message = message(code + ".detail", problem, locale);
		}
		return message.isEmpty() ? problem.type().detail() : message;
	}

	private String message(String code, Problem problem, Locale locale) {
		if (this.messages == null) {
			return "";
		}
		Object[] arguments = { problem.operation(), seconds(problem.retryAfter()) };
		try {
			String message = this.messages.getMessage("idempotency.problem." + code, arguments, "", locale);
			return (message != null) ? message : "";
		}
		catch (RuntimeException ex) {
			// A text that cannot be had must not cost the answer
			return "";
		}
	}

	/**
	 * Return the headers of the answer.
	 * @param problem the problem
	 * @return content type, caching and, where they apply, retry and documentation
	 */
	public HttpHeaders headers(Problem problem) {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE);
		headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
		if (problem.retryAfter() != null) {
			headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds(problem.retryAfter())));
		}
		if (this.link != null) {
			headers.set(HttpHeaders.LINK, this.link);
		}
		return headers;
	}

	private static long seconds(@Nullable Duration wait) {
		if (wait == null) {
			return 0;
		}
		return Math.max(1, wait.getSeconds() + ((wait.getNano() > 0) ? 1 : 0));
	}

	/**
	 * Write a description as JSON. Members have no order that a client may rely on.
	 * @param detail the description; of its properties, numbers and booleans are written
	 * as such and everything else as text
	 * @return UTF-8
	 */
	public byte[] json(ProblemDetail detail) {
		FlatJson json = new FlatJson();
		json.member("type", detail.getType());
		json.member("title", detail.getTitle());
		json.member("status", detail.getStatus());
		json.member("detail", detail.getDetail());
		json.member("instance", detail.getInstance());
		if (detail.getProperties() != null) {
			detail.getProperties().forEach(json::member);
		}
		return json.end().getBytes(StandardCharsets.UTF_8);
	}

}
