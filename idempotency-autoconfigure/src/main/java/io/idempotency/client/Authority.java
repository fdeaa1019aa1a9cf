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
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The host and port that a request goes to, in one spelling.
 *
 * @param host in lower case
 * @param port the port, also where the scheme implies it; -1 if unknown
 */
record Authority(String host, int port) {

	private static final Map<String, Integer> IMPLIED = Map.of("http", 80, "https", 443);

	static @Nullable Authority of(URI uri) {
		String text = uri.getRawAuthority();
		if (text == null) {
			return null;
		}
		// URI knows no host with an underscore, as service names have them
		String hostAndPort = text.substring(text.lastIndexOf('@') + 1);
		int colon = hostAndPort.lastIndexOf(':');
		if (colon <= hostAndPort.lastIndexOf(']')) {
			return new Authority(lowerCase(hostAndPort), implied(uri.getScheme()));
		}
		String port = hostAndPort.substring(colon + 1);
		if (!port.matches("\\d{0,5}")) {
			return null;
		}
		return new Authority(lowerCase(hostAndPort.substring(0, colon)),
				port.isEmpty() ? implied(uri.getScheme()) : Integer.parseInt(port));
	}

	private static int implied(@Nullable String scheme) {
		return (scheme != null) ? IMPLIED.getOrDefault(lowerCase(scheme), -1) : -1;
	}

	private static String lowerCase(String text) {
		return text.toLowerCase(Locale.ROOT);
	}

	@Override
	public String toString() {
		return (this.port >= 0) ? this.host + ":" + this.port : this.host;
	}

}
