package io.idempotency.test.servers;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link PostgresServer}.
 */
class PostgresServerIntegrationTests {

	@Test
	void sharedServerStartsOnce() {
		assertThat(PostgresServer.shared()).isSameAs(PostgresServer.shared());
		assertThatIllegalStateException().isThrownBy(() -> PostgresServer.shared().restart());
	}

	@Test
	void databasesDoNotSeeEachOther() throws SQLException {
		try (PostgresServer.Database first = PostgresServer.shared().createDatabase();
				PostgresServer.Database second = PostgresServer.shared().createDatabase()) {
			execute(first.dataSource(), "create table only_here (id int)");

			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> execute(second.dataSource(), "insert into only_here values (1)"));
		}
	}

	@Test
	void closedDatabaseIsGoneThoughSomeoneIsConnected() throws SQLException {
		PostgresServer.Database database = PostgresServer.shared().createDatabase();

		try (Connection connection = database.dataSource().getConnection()) {
			database.close();

			assertThat(connection.isValid(1)).isFalse();
		}
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> database.dataSource().getConnection());
	}

	@Test
	void restartedServerKeepsPortAndData() throws SQLException {
		try (PostgresServer server = PostgresServer.start()) {
			PostgresServer.Database database = server.createDatabase();
			execute(database.dataSource(), "create table kept as select 42 as answer");

			server.stop();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> database.dataSource().getConnection());
			server.restart();

			assertThat(readInt(database.dataSource(), "select answer from kept")).isEqualTo(42);
		}
	}

	private static void execute(DataSource dataSource, String sql) throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static int readInt(DataSource dataSource, String sql) throws SQLException {
		try (Connection connection = dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getInt(1);
		}
	}

}
