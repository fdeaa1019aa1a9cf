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

import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The name of the table, which goes into statements as it is and so may be nothing but
 * one or two plain identifiers.
 *
 * @param value the name, with its schema if there is one
 */
record TableName(String value) {

	private static final Pattern SYNTAX = Pattern
		.compile("([A-Za-z_][A-Za-z0-9_]{0,62}\\.)?[A-Za-z_][A-Za-z0-9_]{0,62}");

	TableName {
		if (!SYNTAX.matcher(value).matches()) {
			throw new IllegalArgumentException("'" + value + "' cannot name the table of the idempotency records: "
					+ "use 'table' or 'schema.table', each of letters, digits and underscores, at most 63 characters, "
					+ "not beginning with a digit");
		}
	}

	/**
	 * Return the schema.
	 * @return the schema, or {@code null} for the connection's own
	 */
	@Nullable String schema() {
		int dot = this.value.indexOf('.');
		return (dot < 0) ? null : this.value.substring(0, dot);
	}

	/**
	 * Return the name without the schema.
	 * @return the table
	 */
	String table() {
		return this.value.substring(this.value.indexOf('.') + 1);
	}

	@Override
	public String toString() {
		return this.value;
	}

}
