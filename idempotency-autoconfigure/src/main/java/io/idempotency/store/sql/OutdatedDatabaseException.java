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
 * The database is of a version that lacks what the store's statements need.
 */
@SuppressWarnings("serial")
public final class OutdatedDatabaseException extends SqlStoreException {

	private final String product;

	private final String found;

	private final String needed;

	OutdatedDatabaseException(String product, String found, String needed) {
		super("The idempotency store needs " + product + " " + needed + " or newer, and the database is of version "
				+ found, null);
		this.product = product;
		this.found = found;
		this.needed = needed;
	}

	/**
	 * Return what the database is.
	 * @return the product name
	 */
	public String getProduct() {
		return this.product;
	}

	/**
	 * Return which version it is of.
	 * @return the version as the driver tells it
	 */
	public String getFound() {
		return this.found;
	}

	/**
	 * Return the oldest version that would do.
	 * @return the version, as major or as major and minor number
	 */
	public String getNeeded() {
		return this.needed;
	}

}
