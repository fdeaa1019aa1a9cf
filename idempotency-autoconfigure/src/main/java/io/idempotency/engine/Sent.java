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

import java.util.List;
import java.util.function.Supplier;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * A claim on its way. If no answer comes, it is sent a second time.
 *
 * @param request what is asked
 * @param at when it was first sent, in this machine's nanoseconds
 * @param first the answer, to be waited for or already here
 * @param second the answer to the second time
 */
record Sent(ClaimRequest request, long at, Supplier<ClaimResult> first, Supplier<ClaimResult> second) {

	ClaimResult received() {
		try {
			return this.first.get();
		}
		catch (RuntimeException ex) {
			if (!hasNoAnswer(ex)) {
				throw ex;
			}
			return receivedAtLast(ex);
		}
	}

	private ClaimResult receivedAtLast(RuntimeException none) {
		try {
			return this.second.get();
		}
		catch (RuntimeException ex) {
			if (ex != none && !List.of(ex.getSuppressed()).contains(none)) {
				ex.addSuppressed(none);
			}
			throw ex;
		}
	}

	/**
	 * Return whether a failure says nothing about the claim. Some are an answer.
	 * @param failure what came instead of a result
	 * @return whether the claim is to be sent again
	 */
	static boolean hasNoAnswer(@Nullable Throwable failure) {
		return failure instanceof RuntimeException && !(failure instanceof UnreadableRecordException)
				&& !(failure instanceof LockedRecordException);
	}

}
