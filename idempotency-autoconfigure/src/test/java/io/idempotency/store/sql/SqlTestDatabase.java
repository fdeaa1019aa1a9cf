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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.store.RecordId;
import io.idempotency.test.servers.PostgresServer;

/**
 * An empty database for a test class, behind a pool like an application's, and what tests
 * do to it behind the store's back.
 */
public final class SqlTestDatabase implements AutoCloseable {

	private static final String ELAPSE = """
			UPDATE idempotency_record SET claimed_at = claimed_at - ?, first_claimed_at = first_claimed_at - ?,
				lease_until = lease_until - ?, completed_at = completed_at - ?, expires_at = expires_at - ?,
				purge_day = purge_day - ?
			WHERE id = ?
			""";

	private final HikariDataSource pool;

	private final AutoCloseable server;

	private SqlTestDatabase(HikariConfig config, AutoCloseable server) {
		this.pool = new HikariDataSource(config);
		this.server = server;
	}

	public static SqlTestDatabase postgres() {
		return postgres((config) -> {
		});
	}

	public static SqlTestDatabase postgres(Consumer<HikariConfig> customizer) {
		PostgresServer.Database database = PostgresServer.shared().createDatabase();
		return new SqlTestDatabase(config(database.jdbcUrl(), customizer), database);
	}

	public static SqlTestDatabase h2() {
		return h2((config) -> {
		});
	}

	public static SqlTestDatabase h2(Consumer<HikariConfig> customizer) {
		String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
		return new SqlTestDatabase(config(url, customizer), () -> {
		});
	}

	private static HikariConfig config(String url, Consumer<HikariConfig> customizer) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setMaximumPoolSize(12);
		config.setMinimumIdle(1);
		customizer.accept(config);
		return config;
	}

	public HikariDataSource pool() {
		return this.pool;
	}

	/** Return a store on a table that is there. */
	public SqlIdempotencyStore store() {
		SqlIdempotencyStore store = SqlIdempotencyStore.on(this.pool).build();
		store.schema().create();
		return store;
	}

	/** Make time pass for a record. */
	public void elapse(RecordId id, Duration time) {
		onConnection((connection) -> {
			try (PreparedStatement update = connection.prepareStatement(ELAPSE)) {
				for (int i = 1; i <= 5; i++) {
					update.setLong(i, SqlRow.micros(time));
				}
				update.setLong(6, time.toDays());
				update.setBytes(7, id.toBytes());
				return update.executeUpdate();
			}
		});
	}

	public void execute(String sql) {
		onConnection((connection) -> {
			try (Statement statement = connection.createStatement()) {
				return statement.execute(sql);
			}
		});
	}

	/** Return the number that a query for one number answers, 0 for none. */
	public long number(String sql) {
		return onConnection((connection) -> {
			try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
				return rows.next() ? rows.getLong(1) : 0L;
			}
		});
	}

	private <T> T onConnection(SqlConnections.Work<T> work) {
		try (Connection connection = this.pool.getConnection()) {
			T result = work.on(connection);
			if (!connection.getAutoCommit()) {
				connection.commit();
			}
			return result;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() throws Exception {
		this.pool.close();
		this.server.close();
	}

	/**
	 * A database that the store supports.
	 */
	public enum Vendor {

		/** The shared test server. */
		POSTGRES,

		/** In memory. */
		H2;

		public SqlTestDatabase create() {
			return create((config) -> {
			});
		}

		public SqlTestDatabase create(Consumer<HikariConfig> customizer) {
			return (this == POSTGRES) ? postgres(customizer) : h2(customizer);
		}

	}

}
