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

package io.idempotency.benchmarks;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.OnUnknown;
import io.idempotency.maintenance.ExpiredRecordPurge;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlIdempotencyStore;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The two sides of the comparisons, and their tables.
 */
final class Participants {

	private static final int MANY = 1_000_000;

	private static final String FILL = """
			INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint,
				claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day,
				payload, format)
			SELECT sha256(('old-' || number)::bytea), 'old', 1, 0, 0, substring(sha256('o'::bytea) FOR 16), 1, 1,
				substring(sha256(number::text::bytea) FOR 16), micros, micros, micros, micros, micros + 86400000000,
				86400000000, CAST(micros / 86400000000 AS INTEGER) + 2, repeat('x', 150)::bytea, 1
			FROM generate_series(1, %d) number,
				(SELECT (date_part('epoch', now() - interval '5 d') * 1000000)::bigint AS micros) clock
			""";

	final HikariDataSource pool;

	private final JdbcTemplate jdbc;

	final SqlIdempotencyStore store;

	final HandRolledSql hand;

	final SqlApplication.Guarded guarded;

	final SqlApplication.ByHand byHand;

	Participants(HikariDataSource pool, ConfigurableApplicationContext context) {
		this.pool = pool;
		this.jdbc = new JdbcTemplate(pool);
		this.store = context.getBean(SqlIdempotencyStore.class);
		this.hand = new HandRolledSql(pool);
		this.guarded = context.getBean(SqlApplication.Guarded.class);
		this.byHand = context.getBean(SqlApplication.ByHand.class);
	}

	Lease claim(IdempotencyStore store, String key) {
		if (store.claim(request(key)) instanceof ClaimResult.Acquired acquired) {
			return acquired.lease();
		}
		throw new IllegalStateException("Not the first run");
	}

	void firstRun(IdempotencyStore store, String key, byte[] payload) {
		if (!store.complete(claim(store, key), StoredOutcome.value(payload), Duration.ofDays(1))) {
			throw new IllegalStateException("The lease is lost");
		}
	}

	void replay(IdempotencyStore store, String key) {
		if (!(store.claim(request(key)) instanceof ClaimResult.Occupied occupied)
				|| occupied.record().outcome() == null) {
			throw new IllegalStateException("Not a replay");
		}
	}

	void fill() {
		this.jdbc.execute(FILL.formatted(MANY));
		this.jdbc.execute(HandRolledSql.fill(MANY));
		for (String table : List.of("idempotency_record", "hand_rolled")) {
			this.jdbc.execute("VACUUM ANALYZE " + table);
		}
		this.jdbc.execute("CHECKPOINT");
	}

	ExpiredRecordPurge purge() {
		return new ExpiredRecordPurge(() -> List.of(this.store), Duration.ofMillis(20), 100, Duration.ofMillis(20));
	}

	/** Return the same pool, except that it does not wait for the disk. */
	HikariDataSource relaxed() {
		return SqlBenchmarks.pool(this.pool.getJdbcUrl(), "SET synchronous_commit = off");
	}

	/** Sessions tell what they did with a delay, and at the latest when they end. */
	void flushStatistics() throws InterruptedException {
		this.pool.getHikariPoolMXBean().softEvictConnections();
		Thread.sleep(2_000);
	}

	long number(String query) {
		Long number = this.jdbc.queryForObject(query, Long.class);
		return (number != null) ? number : 0;
	}

	private static ClaimRequest request(String key) {
		byte[] digest = sha256(key);
		return new ClaimRequest(RecordId.of(digest), "benchmark", UUID.randomUUID(), Fingerprint.of(digest),
				OnUnknown.RETRY, Duration.ofSeconds(30), Duration.ofDays(7), Duration.ofDays(1), false);
	}

	private static byte[] sha256(String key) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
