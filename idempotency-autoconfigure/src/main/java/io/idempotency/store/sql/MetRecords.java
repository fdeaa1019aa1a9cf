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
package io.idempotency.store.sql;

import io.idempotency.store.RecordId;

/**
 * Remembers which records were met lately, so that a claim begins with the statement that
 * is likely to be enough: a read for a record that is there, an insert for one that is
 * not. It forgets and may err, which costs one more statement and nothing else; that is
 * why threads share it without any synchronization.
 */
final class MetRecords {

	private static final int CAPACITY = 1 << 14;

	private final int[] prints = new int[CAPACITY];

	/**
	 * Note that a record is there.
	 * @param id the record
	 */
	void add(RecordId id) {
		this.prints[slot(id)] = id.hashCode();
	}

	/**
	 * Return whether a record is likely to be there.
	 * @param id the record
	 * @return whether it was met lately
	 */
	boolean contains(RecordId id) {
		return this.prints[slot(id)] == id.hashCode();
	}

	private static int slot(RecordId id) {
		return id.hashCode() & (CAPACITY - 1);
	}

}
