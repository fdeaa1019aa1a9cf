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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import io.idempotency.IdempotencyContext;
import io.idempotency.engine.BatchResult;
import org.jspecify.annotations.Nullable;

/**
 * What a container is about to hand together to a listener.
 */
public abstract class BatchDelivery extends Delivery {

	/** Why a message is not done that was not worked on, which is no failure. */
	protected static final RuntimeException NOT_BEGUN = new NotBegun();

	private final Map<ReceivedMessage, IdempotencyContext> work = new IdentityHashMap<>();

	/**
	 * Describe a delivery.
	 * @param recipient whom the container calls
	 */
	protected BatchDelivery(Recipient recipient) {
		super(recipient);
	}

	final void working(Map<ReceivedMessage, IdempotencyContext> work) {
		this.work.clear();
		this.work.putAll(work);
	}

	/**
	 * Return the work on a message that the listener got.
	 * @param wanted whether this is the message
	 * @return the work, or {@code null} if it got no such message
	 */
	final @Nullable IdempotencyContext workOn(Predicate<ReceivedMessage> wanted) {
		return this.work.entrySet()
			.stream()
			.filter((each) -> wanted.test(each.getKey()))
			.map(Map.Entry::getValue)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Return the messages.
	 * @return the messages, in the order in which the listener gets them
	 */
	protected abstract List<? extends ReceivedMessage> messages();

	/**
	 * Leave some messages out of an argument of the listener.
	 * @param argument what the listener would get
	 * @param positions those of the messages that stay, in that order
	 * @return what it gets; the argument itself if it is not about the messages
	 */
	protected abstract @Nullable Object narrowed(@Nullable Object argument, List<Integer> positions);

	/**
	 * Tell what a call of the listener did about each message that it got.
	 * @param given the positions of the messages that it got
	 * @param failure what it threw, or {@code null} if it returned
	 * @return one result for each, or none if the failure concerns them all
	 */
	protected abstract List<BatchResult> results(List<Integer> given, @Nullable Throwable failure);

	/**
	 * Settle the messages after the listener, as far as that is not the container's
	 * affair, and tell which are not done.
	 * @param failures why a message is not done, {@code null} if it is, in the order of
	 * the messages
	 * @param called whether the listener was called
	 * @param arguments what the listener would have got
	 * @return what to throw to the container, or {@code null} if it need not know
	 * @throws Exception if the broker does not take it
	 */
	protected abstract @Nullable Throwable settle(List<@Nullable Throwable> failures, boolean called,
			@Nullable Object[] arguments) throws Exception;

	/**
	 * Tell of messages of which those before one are done, and those behind it are not
	 * begun.
	 * @param count how many they are
	 * @param notDone the index of that one, or their number
	 * @param failure why it failed, or {@code null} if it was not begun either
	 * @return one result for each
	 */
	protected static List<BatchResult> doneUpTo(int count, int notDone, @Nullable Throwable failure) {
		List<BatchResult> results = new ArrayList<>(count);
		for (int i = 0; i < count; i++) {
			if (i < notDone) {
				results.add(BatchResult.done(null));
			}
			else {
				results.add((i == notDone && failure != null) ? BatchResult.failed(failure)
						: BatchResult.notBegun(NOT_BEGUN));
			}
		}
		return results;
	}

	/**
	 * Says that a message was given back, or comes behind one that is not done.
	 */
	@SuppressWarnings("serial")
	private static final class NotBegun extends RuntimeException {

		private NotBegun() {
			super("Given back, or behind a message that is not done", null, false, false);
		}

	}

}
