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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.RecordId;

/**
 * One statement for many records, made from the one for a single record: each parameter
 * becomes a column of a relation, which PostgreSQL unnests from arrays. An update locks
 * its rows in the order of their ids before it writes the first, so that two of them
 * never wait for each other. Each relation is joined once, to the table: the planner
 * takes an array for ten elements, and would compare each of one relation with each of
 * another.
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

	private final Map<String, String> updates = new ConcurrentHashMap<>();

	ArrayStatements(SqlVerbs verbs, SqlStatements statements) {
		this.verbs = verbs;
		this.table = statements.table;
		this.open = statements.format(OPEN.replace("${rows}", rows("many", SqlStatements.CLAIM_PARAMETERS))
			.replace("${claim-values}", columns(SqlStatements.CLAIM_VALUES)));
		this.read = statements.format(READ);
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
	public Set<RecordId> update(Connection connection, String sql, List<Change> changes) throws SQLException {
		try (BoundedStatement statement = this.verbs.prepare(connection,
				this.updates.computeIfAbsent(sql, this::onMany))) {
			ParameterArrays arrays = statement.arrays();
			for (Change change : changes) {
				change.parameters().of(arrays.row());
			}
			arrays.set();
			return statement.ids();
		}
	}

	private String onMany(String update) {
		int parameters = (int) PARAMETER.matcher(update).results().count();
		String[] parts = columns(update).split("WHERE id = many\\.", 2);
		String id = parts[1].substring(0, parts[1].indexOf(' '));
		return """
				WITH %s,
				many AS MATERIALIZED (SELECT given.* FROM %s AS stored JOIN given ON stored.id = given.%s
					ORDER BY stored.id FOR UPDATE OF stored)
				%sFROM many
				WHERE id = many.%s
				RETURNING id
				""".formatted(rows("given", parameters), this.table, id, parts[0], parts[1]);
	}

	private static String rows(String relation, int parameters) {
		String arrays = "?, ".repeat(parameters);
		StringBuilder names = new StringBuilder();
		for (int i = 1; i <= parameters; i++) {
			names.append((i > 1) ? ", p" : "p").append(i);
		}
		return "%s AS MATERIALIZED (SELECT * FROM unnest(%s) AS %s(%s))".formatted(relation,
				arrays.substring(0, arrays.length() - 2), relation, names);
	}

	private static String columns(String template) {
		int[] index = new int[1];
		return PARAMETER.matcher(template).replaceAll((parameter) -> "many.p" + ++index[0]);
	}

}
