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

/**
 * The table's name leaves no room for the name of Flyway's history of it.
 */
@SuppressWarnings("serial")
public final class LongTableNameException extends IllegalStateException {

	private final String table;

	private final int longest;

	LongTableNameException(String table, String history, int longest) {
		super("The name of the table '" + table + "' is too long for Flyway, whose history of it would be '" + history
				+ "': give it one of at most " + longest
				+ " characters, or set idempotency.sql.flyway=false and create it in another way");
		this.table = table;
		this.longest = longest;
	}

	/**
	 * Return the table.
	 * @return its name, with its schema if one is set
	 */
	public String getTable() {
		return this.table;
	}

	/**
	 * Return how long a name may be.
	 * @return the number of characters
	 */
	public int getLongest() {
		return this.longest;
	}

}
