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
package io.idempotency.chaos;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.idempotency.key.Identity;
import io.idempotency.store.sql.SqlIdempotencyStore;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The tables of a test, compared row by row: the records, the ledger, and what callers
 * were told.
 */
final class Books {

	private static final String RECORDS = """
			WITH answered AS (
				SELECT key.name, key.declined, record.status, record.kind, record.attempt,
					CASE WHEN record.status <> 1 THEN NULL
						WHEN record.kind = 0 THEN convert_from(payload, 'UTF8')::json #>> '{}'
						WHEN position(convert_to('Declined', 'UTF8') IN payload) > 0 THEN NULL
						ELSE convert_from(substring(payload FROM octet_length(payload) - 35), 'UTF8') END AS answer
				FROM key LEFT JOIN idempotency_record record ON record.id = key.id AND record.expires_at > 0
			)
			""";

	private final JdbcTemplate jdbc;

	Books(JdbcTemplate jdbc) {
		this.jdbc = jdbc;
		SqlIdempotencyStore.on(jdbc.getDataSource()).build().schema().create();
		jdbc.execute(
				"""
						CREATE TABLE ledger (answer TEXT PRIMARY KEY, name TEXT NOT NULL, attempt INT NOT NULL, amount INT NOT NULL);
						CREATE TABLE audit (answer TEXT NOT NULL);
						CREATE TABLE key (name TEXT PRIMARY KEY, id BYTEA NOT NULL UNIQUE, declined BOOLEAN NOT NULL,
							mode TEXT NOT NULL);
						CREATE TABLE told (name TEXT NOT NULL, kind TEXT NOT NULL, answer TEXT NOT NULL);
						""");
	}

	void enterKeys(CallPlan plan) {
		this.jdbc.batchUpdate("INSERT INTO key VALUES (?, ?, ?, ?)",
				plan.keys()
					.stream()
					.map((key) -> new Object[] { key, Identity.of("", plan.mode(key).operation(), "", key).toBytes(),
							plan.declined(key), plan.mode(key).name() })
					.toList());
	}

	void enterReplies(Collection<Map.Entry<Call, Reply>> replies) {
		this.jdbc.batchUpdate("INSERT INTO told VALUES (?, ?, ?)",
				replies.stream()
					.map((told) -> new Object[] { told.getKey().key(), told.getValue().kind().name(),
							told.getValue().answer() })
					.toList());
	}

	/**
	 * Effects without the record that tells of them, and records without their effect.
	 */
	List<Map<String, Object>> disagreements() {
		return this.jdbc.queryForList(RECORDS + """
				SELECT coalesce(answered.name, ledger.name) AS name, status, kind, answered.answer AS recorded,
					ledger.answer AS entered, ledger.attempt AS entered_by, answered.attempt
				FROM answered FULL JOIN ledger ON ledger.name = answered.name
				WHERE ledger.answer IS DISTINCT FROM answered.answer
					OR (ledger.answer IS NOT NULL AND ledger.attempt <> answered.attempt)
				""");
	}

	/** Records of no key. */
	List<Map<String, Object>> strayRecords() {
		return this.jdbc.queryForList("""
				SELECT encode(id, 'hex') AS id, status FROM idempotency_record
				WHERE NOT EXISTS (SELECT FROM key WHERE key.id = idempotency_record.id)
				""");
	}

	/** Answers that callers were given and that the record does not have. */
	List<Map<String, Object>> falseAnswers() {
		return this.jdbc.queryForList(RECORDS + """
				SELECT told.name, told.kind AS told, told.answer AS told_answer, answered.status, answered.kind,
					answered.answer
				FROM told LEFT JOIN answered ON answered.name = told.name
				WHERE (told.kind IN ('SUCCESS', 'FAILURE') AND told.answer IS DISTINCT FROM answered.answer)
					OR (told.kind = 'SUCCESS' AND answered.kind IS DISTINCT FROM 0)
					OR (told.kind = 'FAILURE' AND answered.kind IS DISTINCT FROM 2)
					OR (told.kind = 'DECLINED' AND NOT (answered.declined AND told.answer = told.name))
					OR (told.kind = 'GIVEN_BACK' AND EXISTS (SELECT FROM ledger WHERE ledger.answer = told.answer))
				""");
	}

	/** Keys that the settling pass did not bring to their end. */
	List<Map<String, Object>> unsettled() {
		return this.jdbc.queryForList(RECORDS + """
				SELECT * FROM answered
				WHERE status IS DISTINCT FROM 1 OR declined <> (answer IS NULL)
				""");
	}

	int transactionsInFlight() {
		return count("""
				SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
				""");
	}

	/**
	 * Return how much of what happened, for each mode: what callers were told, how many
	 * of them were told of an error although their effect is committed, and how many
	 * records are of a later attempt.
	 */
	Map<String, Map<String, Integer>> experiences() {
		Map<String, Map<String, Integer>> experiences = new TreeMap<>();
		this.jdbc.query("""
				SELECT mode, kind, count(*) FROM told JOIN key USING (name) GROUP BY mode, kind
				UNION ALL SELECT mode, 'COMMITTED_ERROR', count(*) FROM told JOIN key USING (name)
					JOIN ledger USING (answer) WHERE kind = 'ERROR' GROUP BY mode
				UNION ALL SELECT mode, 'LATER_ATTEMPT', count(*) FROM key JOIN idempotency_record USING (id)
					WHERE attempt > 1 GROUP BY mode
				""", (row) -> {
			experiences.computeIfAbsent(row.getString(1), (mode) -> new TreeMap<>())
				.put(row.getString(2), row.getInt(3));
		});
		return experiences;
	}

	private int count(String sql) {
		return this.jdbc.queryForObject(sql, Integer.class);
	}

}
