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

package io.idempotency.messaging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.engine.RunNotes;
import io.idempotency.key.Canonicalizer;
import io.idempotency.key.UndigestibleArgumentException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tells which messages that guarded work sends get a key, and which one. A message gets
 * one if
 * <ol>
 * <li>it is sent on the thread of the work, and
 * <li>it does not have the header already, or has just that of the message that is being
 * worked on: headers are often copied, and two messages must not share a key.
 * </ol>
 * A listener of batches works on all its messages at once. What it sends belongs to one
 * of them if it has the header of that one, and else gets no key.
 *
 * <p>
 * The key is derived from the record of the work, the
 * {@linkplain io.idempotency.DurableSteps step} that sends it if one does, the
 * destination, and what the message says, so that work that is done again sends the same
 * keys, and its receivers know what they got before. What the message says is its content
 * and the headers that tell its type, which are those with "type" in their name. Messages
 * that say the same are told apart by their order. A message that says something else on
 * the next attempt, such as another time of day, has another key: it is delivered twice
 * rather than lost. So is a message of which nobody can tell what it says: its key is a
 * new one on each attempt. Safe for use by several threads.
 */
public final class OutboundMessageKeys {

	/** The content of a message of which nobody can tell what it says. */
	public static final Object UNREADABLE = new Object();

	private static final Log logger = LogFactory.getLog(OutboundMessageKeys.class);

	private static final String PURPOSE = "message";

	private static final String PURPOSE_IN_STEP = "message-in-step";

	private final Set<String> unreadable = ConcurrentHashMap.newKeySet();

	private final String header;

	private final Canonicalizer canonicalizer;

	/**
	 * Create it.
	 * @param header the name of the header that carries the key
	 * @param canonicalizer digests what messages say
	 */
	public OutboundMessageKeys(String header, Canonicalizer canonicalizer) {
		this.header = header;
		this.canonicalizer = canonicalizer;
	}

	/**
	 * Return the name of the header that carries the key.
	 * @return the header's name
	 */
	public String header() {
		return this.header;
	}

	/**
	 * Return the key for a message that is about to be sent on this thread.
	 * @param present the key that the message has already, if any
	 * @param content what the message says, which has to be the same on each attempt, or
	 * {@link #UNREADABLE}
	 * @param headers reads the headers of the message, of which those count that tell its
	 * type; not asked where no key is made
	 * @param destination where it goes: a topic and a message key, or an exchange and a
	 * routing key
	 * @return the key to set, or {@code null} to leave the message as it is
	 */
	public @Nullable String keyFor(@Nullable String present, @Nullable Object content,
			Supplier<? extends Map<String, ?>> headers, String... destination) {
		IdempotencyContext work = IdempotencyContext.current().orElseGet(() -> workOn(present));
		if (work == null || (present != null && !isInbound(present))) {
			return null;
		}
		List<String> parts = new ArrayList<>();
		String step = (work instanceof RunNotes notes) ? notes.step() : null;
		parts.add((step != null) ? PURPOSE_IN_STEP : PURPOSE);
		if (step != null) {
			parts.add(step);
		}
		parts.addAll(List.of(destination));
		parts.add(digest(typed(content, headers.get()), destination));
		parts.add(String.valueOf(ordinal(work, String.join("\n", parts))));
		return work.deriveKey(parts.toArray(String[]::new));
	}

	/** In a batch, a copied header tells which message is being worked on. */
	private @Nullable IdempotencyContext workOn(@Nullable String present) {
		return (Delivery.current() instanceof BatchDelivery batch && present != null)
				? batch.workOn((message) -> present.equals(message.header(this.header))) : null;
	}

	private boolean isInbound(String present) {
		Delivery delivery = Delivery.current();
		if (delivery instanceof SingleDelivery single) {
			return present.equals(single.message().header(this.header));
		}
		return delivery instanceof BatchDelivery batch
				&& batch.messages().stream().anyMatch((message) -> present.equals(message.header(this.header)));
	}

	/** The same words may announce something else, such as an order that is cancelled. */
	private @Nullable Object typed(@Nullable Object content, Map<String, ?> headers) {
		Map<String, @Nullable Object> types = new TreeMap<>();
		headers.forEach((name, value) -> {
			if (name.toLowerCase(Locale.ROOT).contains("type") && !name.equals(this.header)) {
				types.put(name, value);
			}
		});
		return (content == UNREADABLE || types.isEmpty()) ? content : Arrays.asList(content, types);
	}

	/**
	 * By their order alone, the keys of two messages would be mixed up when it changes.
	 */
	private String digest(@Nullable Object content, String... destination) {
		if (content != UNREADABLE) {
			try {
				return HexFormat.of().formatHex(this.canonicalizer.digest(content));
			}
			catch (UndigestibleArgumentException ex) {
				logger.debug("The content of a message has no canonical form", ex);
			}
		}
		if (this.unreadable.add(destination[0])) {
			logger.warn("Guarded work sends messages to '" + destination[0]
					+ "' with a content that cannot be digested, "
					+ "so that each has another key when the work is done again, and is taken twice. Set the header '"
					+ this.header + "' yourself, to IdempotencyContext.deriveKey(\"order-confirmed\") or the like");
		}
		return UUID.randomUUID().toString();
	}

	private static int ordinal(IdempotencyContext work, String message) {
		return (work instanceof RunNotes notes) ? notes.count(message) : 1;
	}

}
