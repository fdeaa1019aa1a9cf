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

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.RecordId;

/**
 * One statement for many records, made from the one for a single record: each parameter
 * becomes a column of a relation, which PostgreSQL unnests from arrays, and an update
 * takes its changes and its condition from there. An update locks its rows in the order
 * of their ids before it writes the first, so that two of them never wait for each other.
 * Each relation is joined once, to the table: the planner takes an array for ten
 * elements, and would compare each of one relation with each of another.
 */
final class ArrayStatements implements ManyStatements {

	private static final Pattern PARAMETER = Pattern.compile("\\?");

	// Said once, so that the records of one claim have one time
	private static final String OPEN = """
			WITH ${rows},
			clock AS MATERIALIZED (SELECT ${now} AS micros),
			seen AS MATERIALIZED (SELECT ${columns}, ${now} AS read_at, id FROM ${table} JOIN many ON id = many.p1),
			made AS (INSERT INTO ${table} (${claim-columns})
				SELECT ${claim-values} FROM many CROSS JOIN clock
				WHERE NOT EXISTS (SELECT 1 FROM seen WHERE seen.id = many.p1)
				ORDER BY many.p1
				ON CONFLICT (id) DO NOTHING
				RETURNING ${columns}, ${now} AS read_at, id)
			SELECT * FROM made UNION ALL SELECT * FROM seen
			""";

	private static final String READ = """
			SELECT ${columns}, ${now}, id FROM ${table} WHERE id = ANY(?)
			""";

	private final SqlVerbs verbs;

	private final String table;

	private final String open;

	private final String read;

	private final Map<SqlUpdate, String> updates;

	ArrayStatements(SqlVerbs verbs, SqlStatements statements) {
		this.verbs = verbs;
		this.table = statements.table;
		Columns columns = new Columns();
		String values = columns.in(SqlStatements.CLAIM_VALUES);
		this.open = statements.format(OPEN.replace("${rows}", columns.rows("many")).replace("${claim-values}", values));
		this.read = statements.format(READ);
		this.updates = statements.updatesOfMany()
			.stream()
			.collect(Collectors.toUnmodifiableMap(Function.identity(), this::onMany));
	}

	@Override
	public SqlRow.Many open(Connection connection, Collection<ClaimRequest> requests) throws SQLException {
		try (BoundedStatement statement = this.verbs.prepare(connection, this.open)) {
			ParameterArrays arrays = statement.arrays();
			for (ClaimRequest request : requests) {
				arrays.row().id(request.id()).claimant(request).terms(request);
			}
			arrays.set();
			return statement.rows();
		}
	}

	/** Done already: whoever is missing was inserted by somebody else meanwhile. */
	@Override
	public void insert(Connection connection, List<ClaimRequest> requests) {
	}

	@Override
	public SqlRow.Many read(Connection connection, Collection<RecordId> ids) throws SQLException {
		try (BoundedStatement statement = this.verbs.prepare(connection, this.read)) {
			ParameterArrays arrays = statement.arrays();
			for (RecordId id : ids) {
				arrays.row().id(id);
			}
			arrays.set();
			return statement.rows();
		}
	}

	@Override
	public Set<RecordId> update(Connection connection, SqlUpdate update, List<Change> changes) throws SQLException {
		try (BoundedStatement statement = this.verbs.prepare(connection,
				Objects.requireNonNull(this.updates.get(update)))) {
			ParameterArrays arrays = statement.arrays();
			for (Change change : changes) {
				change.parameters().of(arrays.row());
			}
			arrays.set();
			return statement.ids();
		}
	}

	private String onMany(SqlUpdate update) {
		Columns columns = new Columns();
		String changes = columns.in(update.changes);
		String id = columns.next();
		String condition = columns.in(update.condition);
		return """
				WITH %s,
				many AS MATERIALIZED (SELECT given.* FROM %s AS stored JOIN given ON stored.id = given.%s
					ORDER BY stored.id FOR UPDATE OF stored)
				UPDATE %s SET %s
				FROM many
				WHERE id = many.%s AND %s
				RETURNING id
				""".formatted(columns.rows("given"), this.table, id, this.table, changes, id, condition);
	}

	/**
	 * Makes the parameters of statements, in their order, the columns {@code p1},
	 * {@code p2} and so on of the relation {@code many}.
	 */
	private static final class Columns {

		private int count;

		String in(String sql) {
			return PARAMETER.matcher(sql).replaceAll((parameter) -> "many." + next());
		}

		String next() {
			return "p" + ++this.count;
		}

		String rows(String relation) {
			String arrays = String.join(", ", Collections.nCopies(this.count, "?"));
			String names = IntStream.rangeClosed(1, this.count)
				.mapToObj((index) -> "p" + index)
				.collect(Collectors.joining(", "));
			return "%s AS MATERIALIZED (SELECT * FROM unnest(%s) AS %s(%s))".formatted(relation, arrays, relation,
					names);
		}

	}

}
