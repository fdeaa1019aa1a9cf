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

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What came of something that was begun and did not wait: a value, or what was thrown.
 * Whoever goes on with it gets the one or is thrown the other, as if it had waited.
 *
 * @param <T> the type of the value
 */
final class Answer<T extends @Nullable Object> implements Supplier<T> {

	private final T value;

	private final @Nullable Throwable failure;

	private Answer(T value, @Nullable Throwable failure) {
		this.value = value;
		this.failure = failure;
	}

	/**
	 * Begin something.
	 * @param <T> the type of its value
	 * @param begun begins it
	 * @return completes with the answer, and never fails
	 */
	static <T extends @Nullable Object> CompletionStage<Answer<T>> to(Supplier<CompletionStage<T>> begun) {
		CompletionStage<T> stage;
		try {
			stage = begun.get();
		}
		catch (RuntimeException | Error ex) {
			stage = CompletableFuture.failedFuture(ex);
		}
		return stage.handle((value, ex) -> new Answer<>(value, (ex != null) ? Work.thrownBefore(ex) : null));
	}

	@Nullable Throwable failure() {
		return this.failure;
	}

	/**
	 * Return the value.
	 * @return the value
	 * @throws RuntimeException or an error, if that was the answer
	 */
	@Override
	public T get() {
		if (this.failure instanceof Error error) {
			throw error;
		}
		if (this.failure != null) {
			throw (this.failure instanceof RuntimeException unchecked) ? unchecked
					: new IllegalStateException(this.failure);
		}
		return this.value;
	}

	void complete(CompletableFuture<T> future) {
		if (this.failure != null) {
			future.completeExceptionally(this.failure);
		}
		else {
			future.complete(this.value);
		}
	}

}
