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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.IdempotencyContext;
import io.idempotency.engine.RunNotes;
import io.idempotency.key.DerivedKey;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;

/**
 * Tells which requests to other systems get a key, and which one. A request gets one if
 * <ol>
 * <li>its method is none of GET, HEAD, OPTIONS and TRACE,
 * <li>its host was named,
 * <li>it is sent by guarded work, and
 * <li>it does not have the header already.
 * </ol>
 * The key is derived from the record of the work, the
 * {@linkplain io.idempotency.DurableSteps step} if it is sent by one, the method, host,
 * port and path, and the {@linkplain OutboundName name} of the call if it has one. So it
 * is the same on every attempt and every time that the step or the work is tried again,
 * whatever way the code takes. A second call without a name to the same method and path,
 * by the same step or outside of steps, would get the same key, and is refused with an
 * {@link IllegalStateException}. Immutable and safe for use by several threads.
 */
public final class OutboundKeys {

	/** The name of the header, if no other is chosen. */
	public static final String HEADER = "Idempotency-Key";

	private static final Log logger = LogFactory.getLog(OutboundKeys.class);

	private static final String PURPOSE = "outbound";

	private static final String PURPOSE_IN_STEP = "outbound-in-step";

	/** Work may call wherever its requests say, such as the webhooks of others. */
	private static final int MAX_WARNED = 100;

	private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS,
			HttpMethod.TRACE);

	private final NamedHosts hosts;

	private final String header;

	private final OutboundKeySyntax syntax;

	private final byte @Nullable [] secret;

	private final Set<Authority> warned = ConcurrentHashMap.newKeySet();

	private OutboundKeys(Builder builder) {
		this.hosts = builder.hosts;
		this.header = builder.header;
		this.syntax = builder.syntax;
		this.secret = (builder.secret != null) ? builder.secret.getBytes(StandardCharsets.UTF_8) : null;
	}

	/**
	 * Name the hosts that get keys.
	 * @param hosts {@code host}, {@code host:port} or {@code *.example.com}; without any,
	 * no request gets a key
	 * @return a builder
	 */
	public static Builder forHosts(Collection<String> hosts) {
		return new Builder(hosts);
	}

	/**
	 * Return whether any host gets keys.
	 * @return whether there is anything to do
	 */
	public boolean isActive() {
		return !this.hosts.isEmpty();
	}

	/**
	 * Return the name of the header.
	 * @return the header
	 */
	public String header() {
		return this.header;
	}

	boolean named(URI uri) {
		return this.hosts.contains(uri);
	}

	/** Whether a request of guarded work gets a key. */
	boolean concern(HttpMethod method, URI uri) {
		return !SAFE.contains(method) && this.hosts.contains(uri);
	}

	/**
	 * Return the value of the header.
	 * @param method the request's method
	 * @param uri where it goes
	 * @param attributes the request's attributes
	 * @param call the call that it belongs to
	 * @param context the run that makes the call
	 * @return the value, or {@code null} if the request gets none
	 */
	@Nullable String value(HttpMethod method, URI uri, Map<String, Object> attributes, Call call,
			@Nullable IdempotencyContext context) {
		if (context == null || SAFE.contains(method)) {
			return null;
		}
		String name = name(attributes, call);
		Authority authority = Authority.of(uri);
		if (authority == null || !this.hosts.contains(uri)) {
			warnOfName(name, authority);
			return null;
		}
		String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
		if (name == null) {
			refuseSecond(context, method.name() + " " + authority + path, call, authority);
		}
		return this.syntax.write(key(context, method, authority, path, name));
	}

	private static @Nullable String name(Map<String, Object> attributes, Call call) {
		Object own = attributes.get(OutboundName.ATTRIBUTE);
		if (own instanceof String || own instanceof OutboundName) {
			return own.toString();
		}
		return (call.name() != null) ? call.name() : OutboundName.current();
	}

	private String key(IdempotencyContext context, HttpMethod method, Authority authority, String path,
			@Nullable String name) {
		List<String> parts = new ArrayList<>();
		String step = (context instanceof RunNotes notes) ? notes.step() : null;
		parts.add((step != null) ? PURPOSE_IN_STEP : PURPOSE);
		if (step != null) {
			parts.add(step);
		}
		parts.addAll(List.of(method.name(), authority.toString(), path));
		if (name != null) {
			parts.add(name);
		}
		String key = context.deriveKey(parts.toArray(String[]::new));
		return (this.secret != null) ? DerivedKey.of(this.secret, key) : key;
	}

	private static void refuseSecond(IdempotencyContext context, String target, Call call, Authority authority) {
		if (context instanceof RunNotes notes && !notes.reserve(PURPOSE + " " + target, call)) {
			throw new IllegalStateException("Operation '" + context.operation() + "' (key hash " + context.keyHash()
					+ ") makes a second call with the same method and path to " + authority
					+ " in one attempt, which would carry the same key as the first. Name at least one of them, "
					+ ".attributes(OutboundName.of(\"refund\")), OutboundName.of(\"refund\").run(...) or "
					+ "@OutboundCall(\"refund\"); a repetition of the same call has the same name.");
		}
	}

	private void warnOfName(@Nullable String name, @Nullable Authority authority) {
		if (name == null || authority == null || !isActive() || this.warned.size() >= MAX_WARNED) {
			return;
		}
		if (this.warned.add(authority)) {
			logger.warn("The call '" + name + "' to " + authority
					+ " has a name, but gets no key, because its host is not among those that do");
		}
	}

	/**
	 * Builds an {@link OutboundKeys}.
	 */
	public static final class Builder {

		private final NamedHosts hosts;

		private String header = HEADER;

		private OutboundKeySyntax syntax = OutboundKeySyntax.STRUCTURED;

		private @Nullable String secret;

		private Builder(Collection<String> hosts) {
			this.hosts = new NamedHosts(hosts);
		}

		/**
		 * Choose another header.
		 * @param header its name
		 * @return this builder
		 */
		public Builder header(String header) {
			if (!header.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
				throw new IllegalArgumentException("'" + header + "' is no name of a header");
			}
			this.header = header;
			return this;
		}

		/**
		 * Choose how the key is written. By default as a
		 * {@link OutboundKeySyntax#STRUCTURED structured} string.
		 * @param syntax the syntax
		 * @return this builder
		 */
		public Builder syntax(OutboundKeySyntax syntax) {
			this.syntax = syntax;
			return this;
		}

		/**
		 * Mix a secret into the keys, so that somebody who guesses the key of the work
		 * cannot confirm it by what is sent. All instances need the same; another one
		 * gives other keys.
		 * @param secret the secret, or {@code null} for none
		 * @return this builder
		 */
		public Builder secret(@Nullable String secret) {
			if (secret != null && secret.isBlank()) {
				throw new IllegalArgumentException("A secret must not be blank");
			}
			this.secret = secret;
			return this;
		}

		/**
		 * Build it.
		 * @return the keys
		 */
		public OutboundKeys build() {
			return new OutboundKeys(this);
		}

	}

}
