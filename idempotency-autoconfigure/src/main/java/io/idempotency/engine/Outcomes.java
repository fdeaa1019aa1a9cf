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

package io.idempotency.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.codec.OutcomeCodec;
import io.idempotency.store.StoredOutcome;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the work did into a {@link StoredOutcome} and back. Failures have a small
 * format of their own, because they are kept and rebuilt whatever the codec is: a
 * version, the name of the listed class and the message.
 */
final class Outcomes {

	private static final Log logger = LogFactory.getLog(Outcomes.class);

	private static final int FAILURE_VERSION = 1;

	private static final int MAX_MESSAGE_LENGTH = 4_000;

	/** Looked up once for each class, also that there is none. */
	private static final ClassValue<@Nullable Constructor<?>> FROM_MESSAGE = new ClassValue<>() {

		@Override
		protected @Nullable Constructor<?> computeValue(Class<?> type) {
			try {
				return type.getConstructor(String.class);
			}
			catch (NoSuchMethodException ex) {
				return null;
			}
		}

	};

	private final OutcomeCodec codec;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	Outcomes(OutcomeCodec codec) {
		this.codec = codec;
	}

	/**
	 * Encode a result. One that cannot be encoded must not lead to a second run: the
	 * outcome then says so.
	 * @param call the call
	 * @param result what the work returned
	 * @return the outcome
	 */
	StoredOutcome ofResult(GuardedCall call, @Nullable Object result) {
		return of(call.label(), result, call.spec().resultType());
	}

	/**
	 * Encode a result. One that cannot be encoded must not lead to a second run: the
	 * outcome then says so.
	 * @param label whose result it is
	 * @param result the result
	 * @param type its declared type
	 * @return the outcome
	 */
	StoredOutcome of(String label, @Nullable Object result, Type type) {
		if (result == null) {
			return StoredOutcome.noValue();
		}
		try {
			return StoredOutcome.value(this.codec.encode(result, type));
		}
		catch (RuntimeException | LinkageError | StackOverflowError ex) {
			logger.warn("The result of " + label + " cannot be stored as " + type.getTypeName()
					+ ". It is recorded as done without a result; whoever asks for that again is refused", ex);
			return StoredOutcome.unavailable();
		}
	}

	/**
	 * Warn, once for each operation, that a caller would have got another answer than the
	 * recorded one.
	 * @param call the call
	 */
	void warnOfAnother(GuardedCall call) {
		if (this.warned.add(call.spec().name())) {
			logger.warn("The method of " + call.label() + " came to something else than an advice inside of its "
					+ "transaction made of it. What the method came to is recorded, and is the answer for all "
					+ "callers. Give the advice an order before idempotency.order");
		}
	}

	/**
	 * Return whether a result is to be forgotten.
	 * @param call the call
	 * @param result what the work returned
	 * @return whether the operation says so; a condition that fails forgets nothing
	 */
	boolean forgets(GuardedCall call, @Nullable Object result) {
		try {
			return call.unless().test(result);
		}
		catch (RuntimeException | LinkageError | StackOverflowError ex) {
			logger.warn("'unless' of " + call.label() + " failed after the work was done; "
					+ "the result is recorded. Correct the expression", ex);
			return false;
		}
	}

	StoredOutcome ofFailure(OperationSpec spec, Throwable failure) {
		return ofFailure(spec.rememberFailures(), failure);
	}

	StoredOutcome ofFailure(List<Class<? extends Throwable>> rememberFailures, Throwable failure) {
		String type = rememberFailures.stream()
			.filter((listed) -> listed.isInstance(failure))
			.findFirst()
			.map(Class::getName)
			.orElse(failure.getClass().getName());
		return ofFailure(type, message(failure));
	}

	StoredOutcome ofFailure(String type, @Nullable String message) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
		try (DataOutputStream out = new DataOutputStream(bytes)) {
			out.writeByte(FAILURE_VERSION);
			out.writeUTF(type);
			out.writeBoolean(message != null);
			out.writeUTF((message != null) ? cut(message) : "");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return StoredOutcome.failure(bytes.toByteArray());
	}

	/**
	 * Give a recorded outcome to a later caller.
	 * @param conversation the caller
	 * @param outcome the outcome
	 * @return the restored result
	 * @throws Throwable the remembered failure
	 */
	@Nullable Object replay(Conversation conversation, StoredOutcome outcome) throws Throwable {
		byte[] payload = outcome.payload();
		OperationSpec spec = conversation.call().spec();
		return switch (outcome.kind()) {
			case NO_VALUE -> null;
			case VALUE -> decode(conversation, Objects.requireNonNull(payload));
			case FAILURE -> {
				Throwable failure = failure(spec.name(), outcome, spec.rememberFailures());
				throw (failure != null) ? failure : Refusals.resultUnavailable(conversation, null);
			}
			case UNAVAILABLE -> throw Refusals.resultUnavailable(conversation, null);
		};
	}

	@Nullable Object value(StoredOutcome outcome, Type type) {
		return (outcome.payload() != null) ? this.codec.decode(outcome.payload(), type) : null;
	}

	private @Nullable Object decode(Conversation conversation, byte[] payload) {
		try {
			return this.codec.decode(payload, conversation.call().spec().resultType());
		}
		catch (RuntimeException ex) {
			throw Refusals.resultUnavailable(conversation, ex);
		}
	}

	/**
	 * Restore a failure.
	 * @param operation whose it is
	 * @param outcome a failure that was recorded
	 * @param rememberFailures the types that may be made from a message
	 * @return the failure, or {@code null} if it cannot be read
	 */
	@Nullable Throwable failure(String operation, StoredOutcome outcome, List<Class<? extends Throwable>> rememberFailures) {
		byte[] payload = Objects.requireNonNull(outcome.payload());
		try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload))) {
			if (in.readByte() != FAILURE_VERSION) {
				return null;
			}
			String type = in.readUTF();
			boolean hasMessage = in.readBoolean();
			String message = hasMessage ? in.readUTF() : null;
			Throwable rebuilt = rebuild(rememberFailures, type, message);
			return (rebuilt != null) ? rebuilt : new IdempotencyRememberedFailureException(operation, type, message);
		}
		catch (IOException ex) {
			logger.debug("A recorded failure of " + operation + " ends too early", ex);
			return null;
		}
	}

	private static @Nullable Throwable rebuild(List<Class<? extends Throwable>> rememberFailures, String type,
			@Nullable String message) {
		for (Class<? extends Throwable> listed : rememberFailures) {
			if (listed.getName().equals(type)) {
				try {
					Constructor<?> constructor = FROM_MESSAGE.get(listed);
					return (constructor != null) ? (Throwable) constructor.newInstance(message) : null;
				}
				catch (ReflectiveOperationException ex) {
					logger.debug("No usable constructor " + type + "(String)", ex);
				}
			}
		}
		return null;
	}

	/**
	 * Return the message of a failure. One that cannot be told must not keep the failure
	 * from being settled.
	 * @param failure what the work threw
	 * @return its message
	 */
	static @Nullable String message(Throwable failure) {
		try {
			return failure.getMessage();
		}
		catch (RuntimeException | LinkageError | StackOverflowError ex) {
			logger.debug("A failure of type " + failure.getClass().getName() + " has no message to read", ex);
			return null;
		}
	}

	private static String cut(String message) {
		return (message.length() <= MAX_MESSAGE_LENGTH) ? message : message.substring(0, MAX_MESSAGE_LENGTH);
	}

}
