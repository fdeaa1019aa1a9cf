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
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * What an expert writes by hand on PostgreSQL: an insert that does nothing if the key is
 * there, an update by owner and fence, and a read for those who come later. Plain JDBC in
 * autocommit, no time-outs, an index for the removal of old rows that no completion
 * touches. It takes over nothing from owners that crashed, and renews nothing.
 */
final class HandRolledSql {

	private static final String TABLE = """
			CREATE TABLE hand_rolled (
				request_key VARCHAR(100) NOT NULL PRIMARY KEY,
				status      SMALLINT     NOT NULL,
				owner       UUID         NOT NULL,
				fence       BIGINT       NOT NULL,
				fingerprint BYTEA        NOT NULL,
				created_at  TIMESTAMPTZ  NOT NULL,
				lease_until TIMESTAMPTZ  NOT NULL,
				expires_at  TIMESTAMPTZ  NOT NULL,
				payload     BYTEA
			) WITH (fillfactor = 70);
			CREATE INDEX ON hand_rolled (created_at);
			""";

	private static final String INSERT = """
			INSERT INTO hand_rolled (request_key, status, owner, fence, fingerprint, created_at, lease_until, expires_at)
			VALUES (?, 0, ?, (date_part('epoch', clock_timestamp()) * 1000000)::bigint, ?, now(),
				now() + interval '30 s', now() + interval '7 d')
			ON CONFLICT (request_key) DO NOTHING
			RETURNING fence
			""";

	private static final String UPDATE = """
			UPDATE hand_rolled SET status = 1, payload = ?, expires_at = now() + interval '1 d'
			WHERE request_key = ? AND owner = ? AND fence = ? AND status = 0
			""";

	private static final String SELECT = "SELECT status, fingerprint, payload FROM hand_rolled WHERE request_key = ?";

	private static final String FILL = """
			INSERT INTO hand_rolled (request_key, status, owner, fence, fingerprint, created_at, lease_until,
				expires_at, payload)
			SELECT 'old-' || number, 1, gen_random_uuid(), 1, substring(sha256(number::text::bytea) FOR 16),
				now() - interval '5 d', now() - interval '5 d', now() - interval '4 d', repeat('x', 150)::bytea
			FROM generate_series(1, %d) number
			""";

	private final DataSource dataSource;

	HandRolledSql(DataSource dataSource) {
		this.dataSource = dataSource;
	}

	static String table() {
		return TABLE;
	}

	static String fill(int rows) {
		return FILL.formatted(rows);
	}

	/**
	 * Try to become the owner.
	 * @param key the key
	 * @return the owner's ticket, or {@code null} if the key is there
	 * @throws SQLException if the database does not answer
	 */
	@Nullable Claim claim(String key) throws SQLException {
		UUID owner = UUID.randomUUID();
		try (Connection connection = this.dataSource.getConnection();
				PreparedStatement insert = connection.prepareStatement(INSERT)) {
			insert.setString(1, key);
			insert.setObject(2, owner);
			insert.setBytes(3, fingerprint(key));
			try (ResultSet rows = insert.executeQuery()) {
				return rows.next() ? new Claim(owner, rows.getLong(1)) : null;
			}
		}
	}

	void complete(String key, Claim claim, byte[] payload) throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				PreparedStatement update = connection.prepareStatement(UPDATE)) {
			update.setBytes(1, payload);
			update.setString(2, key);
			update.setObject(3, claim.owner());
			update.setLong(4, claim.fence());
			if (update.executeUpdate() != 1) {
				throw new IllegalStateException("The lease is lost");
			}
		}
	}

	byte[] read(String key) throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				PreparedStatement select = connection.prepareStatement(SELECT)) {
			select.setString(1, key);
			try (ResultSet rows = select.executeQuery()) {
				if (!rows.next() || rows.getInt(1) != 1 || !MessageDigest.isEqual(rows.getBytes(2), fingerprint(key))) {
					throw new IllegalStateException("There is no answer to this request");
				}
				return rows.getBytes(3);
			}
		}
	}

	void firstRun(String key, byte[] payload) throws SQLException {
		Claim claim = claim(key);
		if (claim == null) {
			throw new IllegalStateException("Not the first run");
		}
		complete(key, claim, payload);
	}

	byte[] replay(String key) throws SQLException {
		if (claim(key) != null) {
			throw new IllegalStateException("Not a replay");
		}
		return read(key);
	}

	void bareRoundTrip() throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				PreparedStatement select = connection.prepareStatement("SELECT 1");
				ResultSet rows = select.executeQuery()) {
			rows.next();
		}
	}

	private static byte[] fingerprint(String request) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(request.getBytes(StandardCharsets.UTF_8));
			return Arrays.copyOf(digest, 16);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The ticket for the completion.
	 *
	 * @param owner who claimed
	 * @param fence a number that grows
	 */
	record Claim(UUID owner, long fence) {

	}

}
