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
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hosts that get keys: {@code host}, {@code host:port} or {@code *.example.com},
 * which stands for every host below that domain and not for the domain itself. Without a
 * port, every port is meant.
 */
final class NamedHosts {

	private static final Pattern ENTRY = Pattern
		.compile("(?<any>\\*\\.)?(?<host>[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+])(:(?<port>\\d{1,5}))?");

	private final List<Entry> entries;

	NamedHosts(Collection<String> entries) {
		this.entries = entries.stream().map(Entry::parse).toList();
	}

	boolean isEmpty() {
		return this.entries.isEmpty();
	}

	boolean contains(URI uri) {
		if (this.entries.isEmpty()) {
			return false;
		}
		Authority authority = Authority.of(uri);
		return authority != null && this.entries.stream().anyMatch((entry) -> entry.matches(authority));
	}

	/**
	 * One entry of the list.
	 *
	 * @param host the host, or what follows any number of labels
	 * @param below whether hosts below it are meant
	 * @param port the port, -1 for every port
	 */
	private record Entry(String host, boolean below, int port) {

		static Entry parse(String text) {
			Matcher matcher = ENTRY.matcher(text.toLowerCase(Locale.ROOT));
			if (!matcher.matches()) {
				throw new IllegalArgumentException("'" + text
						+ "' is no host: write 'host', 'host:port' or '*.example.com', without scheme and path");
			}
			String port = matcher.group("port");
			boolean below = matcher.group("any") != null;
			String host = matcher.group("host");
			return new Entry(below ? "." + host : host, below, (port != null) ? Integer.parseInt(port) : -1);
		}

		boolean matches(Authority authority) {
			boolean sameHost = this.below ? authority.host().endsWith(this.host) : authority.host().equals(this.host);
			return sameHost && (this.port < 0 || this.port == authority.port());
		}

	}

}
