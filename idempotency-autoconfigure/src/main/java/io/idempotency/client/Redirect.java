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

package io.idempotency.client;

import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;

/**
 * Where a response sends a request to, and what of the request goes along (RFC 9110,
 * 15.4). To another host go neither credentials nor a key, unless keys are meant for that
 * host, too.
 *
 * @param method the method of the next request
 * @param uri where it goes
 * @param withBody whether it has the body of the first one
 * @param withKey whether it has the key of the first one
 * @param sameHost whether it goes to the same host and port
 */
record Redirect(HttpMethod method, URI uri, boolean withBody, boolean withKey, boolean sameHost) {

	/** As often as the JDK's client does. */
	static final int MOST = 5;

	private static final Set<Integer> KEEPING = Set.of(307, 308);

	private static final Set<Integer> CHANGING = Set.of(301, 302, 303);

	private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie", "host", "proxy-authorization");

	/**
	 * Return where to go.
	 * @param status the response's status
	 * @param location its header Location
	 * @param method the request's method
	 * @param uri where the request went
	 * @param named which hosts keys are meant for
	 * @return the redirect, or {@code null} if it is none or must not be followed
	 */
	static @Nullable Redirect of(int status, @Nullable String location, HttpMethod method, URI uri,
			Predicate<URI> named) {
		if (location == null || !(KEEPING.contains(status) || CHANGING.contains(status))) {
			return null;
		}
		URI target = target(uri, location);
		if (target == null || downgrades(uri, target)) {
			return null;
		}
		boolean toGet = status == 303 || (CHANGING.contains(status) && method == HttpMethod.POST);
		Authority authority = Authority.of(target);
		boolean sameHost = authority != null && authority.equals(Authority.of(uri));
		boolean withKey = !toGet && (sameHost || named.test(target));
		return new Redirect(toGet ? HttpMethod.GET : method, target, !toGet, withKey, sameHost);
	}

	/** Whether a header of the first request goes along. */
	boolean keeps(String header, String keyHeader) {
		String name = header.toLowerCase(Locale.ROOT);
		if (name.equals(keyHeader.toLowerCase(Locale.ROOT))) {
			return this.withKey;
		}
		if (name.startsWith("content-") || name.equals("transfer-encoding")) {
			return this.withBody;
		}
		return this.sameHost || !CREDENTIALS.contains(name);
	}

	private static @Nullable URI target(URI uri, String location) {
		try {
			URI target = uri.resolve(location);
			String scheme = target.getScheme();
			return "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme) ? target : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private static boolean downgrades(URI from, URI to) {
		return "https".equalsIgnoreCase(from.getScheme()) && "http".equalsIgnoreCase(to.getScheme());
	}

}
