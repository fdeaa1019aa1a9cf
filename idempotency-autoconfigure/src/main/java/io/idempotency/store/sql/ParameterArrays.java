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

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The parameters of many rows, column by column.
 */
final class ParameterArrays implements Parameters.Target {

	private final PreparedStatement statement;

	private final List<Column> columns = new ArrayList<>();

	ParameterArrays(PreparedStatement statement) {
		this.statement = statement;
	}

	/**
	 * Begin another row.
	 * @return its parameters, none of them set yet
	 */
	Parameters row() {
		return new Parameters(this);
	}

	/**
	 * Set the arrays as the parameters of the statement.
	 * @throws SQLException if the driver does
	 */
	void set() throws SQLException {
		for (int i = 0; i < this.columns.size(); i++) {
			Column column = this.columns.get(i);
			this.statement.setArray(i + 1, this.statement.getConnection().createArrayOf(column.type, column.array()));
		}
	}

	@Override
	public void set(int index, long number) {
		column(index, "bigint").values.add(number);
	}

	@Override
	public void set(int index, byte @Nullable [] bytes) {
		column(index, "bytea").values.add(bytes);
	}

	@Override
	public void set(int index, @Nullable String text) {
		column(index, "text").values.add(text);
	}

	private Column column(int index, String type) {
		if (index > this.columns.size()) {
			this.columns.add(new Column(type, new ArrayList<>()));
		}
		return this.columns.get(index - 1);
	}

	/**
	 * A parameter of all rows.
	 *
	 * @param type what PostgreSQL calls it
	 * @param values one of each row
	 */
	private record Column(String type, List<@Nullable Object> values) {

		@Nullable Object[] array() {
			return switch (this.type) {
				case "bytea" -> this.values.toArray(byte[][]::new);
				case "text" -> this.values.toArray(String[]::new);
				default -> this.values.toArray(Long[]::new);
			};
		}

	}

}
