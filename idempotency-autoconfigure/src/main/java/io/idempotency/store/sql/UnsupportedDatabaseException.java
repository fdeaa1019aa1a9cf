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

import java.util.List;

/**
 * The database is none of those that the SQL store has statements for.
 */
@SuppressWarnings("serial")
public final class UnsupportedDatabaseException extends SqlStoreException {

	private final String product;

	private final List<String> supported;

	UnsupportedDatabaseException(String product, List<String> supported) {
		super("The idempotency store has no statements for the database '" + product + "'. It supports "
				+ String.join(", ", supported), null);
		this.product = product;
		this.supported = List.copyOf(supported);
	}

	/**
	 * Return what the driver calls the database.
	 * @return the product name
	 */
	public String getProduct() {
		return this.product;
	}

	/**
	 * Return the databases that would do.
	 * @return the supported product names
	 */
	public List<String> getSupported() {
		return this.supported;
	}

}
