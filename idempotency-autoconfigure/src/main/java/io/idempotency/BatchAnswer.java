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
package io.idempotency;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What one item of a batch came to.
 *
 * @param value the result, {@code null} if there is none or it failed
 * @param replayed whether this is the answer of another run
 * @param age the time since that run began, by the store's clock; zero for a first run
 * @param failure why there is no result: what the work threw for this item, the
 * remembered failure, or an {@link IdempotencyException}
 * @param <R> the result's type
 */
public record BatchAnswer<R>(@Nullable R value, boolean replayed, Duration age, @Nullable Throwable failure) {

	/**
	 * Return the result.
	 * @return the value
	 * @throws IllegalStateException if the item failed, with the failure as its cause
	 */
	public @Nullable R get() {
		if (this.failure != null) {
			throw new IllegalStateException("This item of the batch has no result: " + this.failure.getMessage(),
					this.failure);
		}
		return this.value;
	}

}
