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
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.store.RecordId;
import io.idempotency.test.servers.ContainerServer;
import io.idempotency.test.servers.MariaDbServer;
import io.idempotency.test.servers.PostgresServer;
import org.apache.commons.logging.LogFactory;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * An empty database for a test class, behind a pool like an application's, and what tests
 * do to it behind the store's back.
 */
public final class SqlTestDatabase implements AutoCloseable {

	/** How long a statement may take where that proves nothing, on a busy machine. */
	public static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final String ELAPSE = """
			UPDATE idempotency_record SET claimed_at = claimed_at - ?, first_claimed_at = first_claimed_at - ?,
				lease_until = lease_until - ?, completed_at = completed_at - ?, expires_at = expires_at - ?,
				purge_day = purge_day - ?
			WHERE id = ?
			""";

	private static final Set<Vendor> NAMED_AS_SKIPPED = ConcurrentHashMap.newKeySet();

	private final Vendor vendor;

	private final HikariDataSource pool;

	private final AutoCloseable server;

	private SqlTestDatabase(Vendor vendor, HikariConfig config, AutoCloseable server) {
		this.vendor = vendor;
		this.pool = new HikariDataSource(config);
		this.server = server;
	}

	public static SqlTestDatabase postgres() {
		return Vendor.POSTGRES.create();
	}

	public static SqlTestDatabase h2() {
		return Vendor.H2.create();
	}

	private static SqlTestDatabase postgres(Vendor vendor, PostgresServer server, Consumer<HikariConfig> customizer) {
		PostgresServer.Database database = server.createDatabase();
		return new SqlTestDatabase(vendor, config(database.jdbcUrl(), "SET TIME ZONE 'America/St_Johns'", customizer),
				database);
	}

	private static SqlTestDatabase h2(Consumer<HikariConfig> customizer) {
		String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
		return new SqlTestDatabase(Vendor.H2, config(url, "SET TIME ZONE 'America/St_Johns'", customizer), () -> {
		});
	}

	private static SqlTestDatabase mariaDb(Vendor vendor, Function<MariaDbServer.Database, String> url,
			Consumer<HikariConfig> customizer) {
		MariaDbServer.Database database = MariaDbServer.shared().createDatabase();
		return new SqlTestDatabase(vendor, config(url.apply(database), "SET time_zone = '-03:30'", customizer),
				database);
	}

	private static SqlTestDatabase container(Vendor vendor, ContainerServer server, @Nullable String timeZone,
			Consumer<HikariConfig> customizer) {
		ContainerServer.Database database = server.createDatabase();
		return new SqlTestDatabase(vendor, config(database.jdbcUrl(), timeZone, customizer), database);
	}

	// No session is in UTC, so that a time that depends on it is found out
	private static HikariConfig config(String url, @Nullable String timeZone, Consumer<HikariConfig> customizer) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setConnectionInitSql(timeZone);
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
		SqlIdempotencyStore store = SqlIdempotencyStore.on(this.pool).queryTimeout(PATIENCE).build();
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

	/** Return a name as it is, which databases quote in different ways. */
	public String quoted(String name) {
		return onConnection((connection) -> {
			String quote = connection.getMetaData().getIdentifierQuoteString();
			return quote + name + quote;
		});
	}

	/**
	 * Execute statements that each end with a semicolon and a line break, the last need
	 * not.
	 */
	public void execute(String script) {
		onConnection((connection) -> {
			try (Statement statement = connection.createStatement()) {
				for (String sql : script.split(";\\R+")) {
					statement.execute(sql);
				}
				return null;
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

	/** Wait until a statement waits for a lock, as the database itself says. */
	public void awaitWaiter() {
		awaitWaiters(1);
	}

	/** Wait until that many statements wait for locks, as the database itself says. */
	public void awaitWaiters(int count) {
		Awaitility.await().until(() -> number(this.vendor.countOfWaiters()) >= count);
	}

	/** Wait until there has been a statement waiting for a lock for some time. */
	public void awaitWaiter(Duration time) {
		Awaitility.await()
			.during(time)
			.atMost(time.plusSeconds(10))
			.until(() -> number(this.vendor.countOfWaiters()) > 0);
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
	 * A database that the store supports. Where one is not there, tests are skipped.
	 */
	public enum Vendor {

		/** The shared test server. */
		POSTGRES {

			@Override
			SqlTestDatabase open(Consumer<HikariConfig> customizer) {
				return postgres(this, PostgresServer.shared(), customizer);
			}

		},

		/** The oldest major version that is supported. */
		POSTGRES_OLDEST {

			@Override
			SqlTestDatabase open(Consumer<HikariConfig> customizer) {
				return postgres(this, PostgresServer.oldestMajor(), customizer);
			}

		},

		/** In memory. */
		H2 {

			@Override
			SqlTestDatabase open(Consumer<HikariConfig> customizer) {
				return h2(customizer);
			}

		},

		/** With its own driver. */
		MARIADB {

			@Override
			SqlTestDatabase open(Consumer<HikariConfig> customizer) {
				return mariaDb(this, MariaDbServer.Database::jdbcUrl, customizer);
			}

		},

		/**
		 * With MySQL's driver, which calls it MySQL, counting changed rows for found
		 * ones.
		 */
		MARIADB_AS_MYSQL {

			@Override
			SqlTestDatabase open(Consumer<HikariConfig> customizer) {
				return mariaDb(this, (database) -> database.mysqlUrl() + "&useAffectedRows=true", customizer);
			}

		},

		/** In a container. */
		MYSQL {

			@Override
			SqlTestDatabase open(Consumer<HikariConfig> customizer) {
				return container(this, ContainerServer.MYSQL, "SET time_zone = '-03:30'", customizer);
			}

		},

		/** In a container. */
		ORACLE {

			@Override
			SqlTestDatabase open(Consumer<HikariConfig> customizer) {
				return container(this, ContainerServer.ORACLE, "ALTER SESSION SET TIME_ZONE = '-03:30'", customizer);
			}

		},

		/** In a container. Its sessions have no time zone. */
		SQLSERVER {

			@Override
			SqlTestDatabase open(Consumer<HikariConfig> customizer) {
				return container(this, ContainerServer.SQLSERVER, null, customizer);
			}

		};

		public SqlTestDatabase create() {
			return create((config) -> {
			});
		}

		public SqlTestDatabase create(Consumer<HikariConfig> customizer) {
			try {
				return open(customizer);
			}
			catch (TestAbortedException ex) {
				if (NAMED_AS_SKIPPED.add(this)) {
					LogFactory.getLog(SqlTestDatabase.class)
						.warn("Tests on " + this + " are skipped. " + ex.getMessage());
				}
				throw ex;
			}
		}

		abstract SqlTestDatabase open(Consumer<HikariConfig> customizer);

		/** Return what transactions can be like, by the names in {@link Connection}. */
		List<String> isolations() {
			return (this == ORACLE) ? List.of("TRANSACTION_READ_COMMITTED", "TRANSACTION_SERIALIZABLE")
					: List.of("TRANSACTION_READ_COMMITTED", "TRANSACTION_REPEATABLE_READ", "TRANSACTION_SERIALIZABLE");
		}

		/** Return the query for how many wait for a lock just now. */
		private String countOfWaiters() {
			return "SELECT count(*) FROM " + switch (this) {
				case POSTGRES, POSTGRES_OLDEST ->
					"pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
				// It names no blocker of an insert, which it tries again and again: what
				// takes so long for one row waits
				case H2 -> """
						information_schema.sessions WHERE blocker_id IS NOT NULL
							OR (REGEXP_LIKE(executing_statement, '^(INSERT|MERGE)', 'i')
								AND executing_statement_start < DATEADD(MILLISECOND, -100, CURRENT_TIMESTAMP))""";
				case MARIADB, MARIADB_AS_MYSQL, MYSQL -> "information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
				case ORACLE -> "v$session WHERE blocking_session IS NOT NULL";
				case SQLSERVER -> "sys.dm_exec_requests WHERE blocking_session_id <> 0";
			};
		}

		/** Return whether this is a PostgreSQL. */
		boolean isPostgres() {
			return this == POSTGRES || this == POSTGRES_OLDEST;
		}

		/** Return whether this is a MariaDB or a MySQL. */
		boolean isMySql() {
			return this == MARIADB || this == MARIADB_AS_MYSQL || this == MYSQL;
		}

	}

}
