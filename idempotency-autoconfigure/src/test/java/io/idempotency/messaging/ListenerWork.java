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

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyContext;

/**
 * What the listeners of {@link ListenerContract} do, and what became of it.
 */
public final class ListenerWork {

	/** What a message says whose work has a step. */
	static final String WITH_STEP = "with step";

	final List<String> values = new CopyOnWriteArrayList<>();

	final List<Integer> attempts = new CopyOnWriteArrayList<>();

	final List<String> deadLetters = new CopyOnWriteArrayList<>();

	final AtomicInteger failures = new AtomicInteger();

	volatile CountDownLatch gate = new CountDownLatch(0);

	/**
	 * Work on a message.
	 * @param value what it says
	 */
	public void handle(String value) {
		if (value.equals(WITH_STEP)) {
			IdempotencyContext.current().orElseThrow().steps().run("step", () -> {
				this.values.add("step");
			});
		}
		if (fails(value)) {
			throw new IllegalStateException("on purpose");
		}
	}

	/**
	 * Work on a message whose listener settles it.
	 * @param value what it says
	 * @return whether it is to be given back
	 */
	public boolean fails(String value) {
		IdempotencyContext.current().ifPresent((context) -> this.attempts.add(context.attempt()));
		this.values.add(value);
		await(this.gate);
		return !value.equals(ListenerContract.LAST) && this.failures.getAndDecrement() > 0;
	}

	private static void await(CountDownLatch gate) {
		try {
			gate.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Take note of a dead letter.
	 * @param value what it says
	 */
	public void deadLetter(String value) {
		this.deadLetters.add(value);
	}

	/**
	 * Return what was worked on.
	 * @return what the messages say, each as often as its work was begun
	 */
	public List<String> values() {
		return this.values;
	}

	/**
	 * Return which messages became dead letters.
	 * @return what they say
	 */
	public List<String> deadLetters() {
		return this.deadLetters;
	}

	/**
	 * Let the next attempts fail.
	 * @param failures how many
	 */
	public void failNext(int failures) {
		this.failures.set(failures);
	}

	/**
	 * Let all work wait.
	 * @return lets it go on
	 */
	public CountDownLatch closeGate() {
		CountDownLatch gate = new CountDownLatch(1);
		this.gate = gate;
		return gate;
	}

}
