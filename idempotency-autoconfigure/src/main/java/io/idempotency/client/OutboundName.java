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

import java.util.Map;
import java.util.function.Consumer;

import io.idempotency.Idempotency;
import org.jspecify.annotations.Nullable;

/**
 * The name of a call to another system: tells it from other calls to the same method and
 * path that the same run makes. The same name means the same call, so that a repetition
 * of it carries the same key.
 *
 * <p>
 * A name is given to one request of a {@code RestClient} or {@code WebClient},
 * {@code .attributes(OutboundName.of("refund"))}, or to all that a piece of code sends,
 * {@code OutboundName.of("refund").run(() -> ...)}. The request's own goes first.
 */
public final class OutboundName implements Consumer<Map<String, Object>> {

	/** The request attribute that has the name, as text or as an {@code OutboundName}. */
	public static final String ATTRIBUTE = "io.idempotency.client.name";

	private static final ThreadLocal<@Nullable String> CURRENT = new ThreadLocal<>();

	private final String name;

	private OutboundName(String name) {
		if (name.isBlank()) {
			throw new IllegalArgumentException("The name of an outbound call must not be blank");
		}
		this.name = name;
	}

	/**
	 * Create a name.
	 * @param name the same on every attempt, and of this call only: {@code "refund"}, or
	 * {@code "refund-" + item.id()} in a loop
	 * @return the name
	 */
	public static OutboundName of(String name) {
		return new OutboundName(name);
	}

	/**
	 * Give the name to one request.
	 * @param attributes the request's attributes
	 */
	@Override
	public void accept(Map<String, Object> attributes) {
		attributes.put(ATTRIBUTE, this.name);
	}

	/**
	 * Give the name to the requests that some code sends from this thread.
	 * @param work the code
	 * @param <T> the result's type
	 * @param <X> what the code throws
	 * @return what the code returned
	 * @throws X what the code threw
	 */
	public <T extends @Nullable Object, X extends Throwable> T execute(Idempotency.Work<T, X> work) throws X {
		String outer = CURRENT.get();
		CURRENT.set(this.name);
		try {
			return work.run();
		}
		finally {
			restore(outer);
		}
	}

	/**
	 * Give the name to the requests that some code sends from this thread.
	 * @param work the code
	 * @param <X> what the code throws
	 * @throws X what the code threw
	 */
	@SuppressWarnings("NullAway")
	public <X extends Throwable> void run(Idempotency.Action<X> work) throws X {
		// NullAway does not carry a nullable type argument into a lambda
		Idempotency.Work<@Nullable Object, X> withoutResult = () -> {
			work.run();
			return null;
		};
		execute(withoutResult);
	}

	@Override
	public String toString() {
		return this.name;
	}

	static @Nullable String current() {
		return CURRENT.get();
	}

	private static void restore(@Nullable String outer) {
		if (outer != null) {
			CURRENT.set(outer);
		}
		else {
			CURRENT.remove();
		}
	}

}
