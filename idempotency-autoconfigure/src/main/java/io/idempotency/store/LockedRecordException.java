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
 * A claim waited for a record that a transaction holds, and the transaction did not end
 * in time. The claim was not applied. Somebody is at work on the record, and what becomes
 * of it is seen when that transaction ends.
 */
@SuppressWarnings("serial")
public class LockedRecordException extends RuntimeException {

	/**
	 * Create the exception.
	 * @param id the record
	 * @param cause what the database said
	 */
	public LockedRecordException(RecordId id, Throwable cause) {
		super("Record " + id + " is held by a transaction that has not ended", cause);
	}

}
