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

package io.idempotency.store;

/**
 * Tells waiters that the owner of a record is done, so that they need not poll. A hint,
 * never a promise: signals may be lost, doubled or late, and a waiter reads the store
 * again in any case.
 */
public interface CompletionSignals {

	/**
	 * Listen for the record being completed or released. The registration takes effect
	 * before this method returns or, where the store needs a moment to subscribe, soon
	 * after; the caller reads the store again afterwards.
	 * @param id the record
	 * @param wakeUp called on a thread of the store's; it must be quick and not throw
	 * @return the registration, to be closed when the wait is over
	 */
	Registration listen(RecordId id, Runnable wakeUp);

	/**
	 * A waiter's place.
	 */
	interface Registration extends AutoCloseable {

		/** Stop listening. */
		@Override
		void close();

	}

}
