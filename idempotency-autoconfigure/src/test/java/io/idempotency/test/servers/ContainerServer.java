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

package io.idempotency.test.servers;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.JdbcDatabaseContainer;
import org.testcontainers.mssqlserver.MSSQLServerContainer;
import org.testcontainers.mysql.MySQLContainer;
import org.testcontainers.oracle.OracleContainer;

/**
 * A database server that comes in no archive, one for all tests of a JVM.
 * <p>
 * It is the one that an environment variable names, {@code IDEMPOTENCY_TEST_MYSQL_URL}
 * for example (a JDBC URL with user and password, whose user may create databases), else
 * a container where Docker answers. Otherwise the test is skipped. Safe for use by
 * several threads.
 */
public enum ContainerServer {

	/** MySQL 8.4. */
	MYSQL("MySQL") {

		@Override
		JdbcDatabaseContainer<?> container() {
			return new MySQLContainer("mysql:8.4").withUsername("root");
		}

		@Override
		String url(JdbcDatabaseContainer<?> container) {
			return "jdbc:mysql://" + container.getHost() + ":" + container.getMappedPort(3306) + "/?user=root&password="
					+ container.getPassword() + "&allowPublicKeyRetrieval=true&useSSL=false";
		}

		@Override
		String url(String server, String name) {
			return server.replaceFirst("(//[^/]+/)", "$1" + name);
		}

	},

	/** Oracle 23 Free. A database is a user with its schema. */
	ORACLE("Oracle") {

		@Override
		JdbcDatabaseContainer<?> container() {
			return new OracleContainer("gvenzl/oracle-free:23-slim-faststart");
		}

		@Override
		String url(JdbcDatabaseContainer<?> container) {
			return "jdbc:oracle:thin:system/" + container.getPassword() + "@" + container.getHost() + ":"
					+ container.getMappedPort(1521) + "/freepdb1";
		}

		@Override
		List<String> create(String name) {
			return List.of("CREATE USER " + name + " IDENTIFIED BY " + name, "GRANT DBA TO " + name);
		}

		@Override
		String drop(String name) {
			return "DROP USER " + name + " CASCADE";
		}

		@Override
		String url(String server, String name) {
			return server.replaceFirst("thin:[^@]*@", "thin:" + name + "/" + name + "@");
		}

	},

	/** SQL Server 2022. */
	SQLSERVER("SQL Server") {

		@Override
		JdbcDatabaseContainer<?> container() {
			return new MSSQLServerContainer("mcr.microsoft.com/mssql/server:2022-latest").acceptLicense();
		}

		@Override
		String url(JdbcDatabaseContainer<?> container) {
			return "jdbc:sqlserver://" + container.getHost() + ":" + container.getMappedPort(1433)
					+ ";user=sa;password=" + container.getPassword() + ";encrypt=false";
		}

		@Override
		String drop(String name) {
			return "ALTER DATABASE " + name + " SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE " + name;
		}

		@Override
		String url(String server, String name) {
			return server + ";databaseName=" + name;
		}

	};

	private final String product;

	private @Nullable String url;

	ContainerServer(String product) {
		this.product = product;
	}

	/**
	 * Create an empty database.
	 * @return the database, which exists until it is closed or the server ends
	 * @throws TestAbortedException if there is no such server
	 */
	public Database createDatabase() {
		String server = url();
		String name = "test_" + UUID.randomUUID().toString().substring(0, 8);
		create(name).forEach((sql) -> execute(server, sql));
		return new Database(url(server, name), () -> execute(server, drop(name)));
	}

	private synchronized String url() {
		if (this.url == null) {
			String variable = "IDEMPOTENCY_TEST_" + name() + "_URL";
			String url = System.getenv(variable);
			this.url = (url != null && !url.isBlank()) ? url : started(variable);
		}
		return this.url;
	}

	// Testcontainers ends it with the JVM
	private String started(String variable) {
		if (!DockerClientFactory.instance().isDockerAvailable()) {
			throw new TestAbortedException("There is no " + this.product
					+ ", because Docker does not answer: start it, " + "or set " + variable + " to a running one");
		}
		JdbcDatabaseContainer<?> container = container();
		container.start();
		return url(container);
	}

	private static void execute(String url, String sql) {
		try (Connection connection = DriverManager.getConnection(url);
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The test server refused: " + sql, ex);
		}
	}

	abstract JdbcDatabaseContainer<?> container();

	abstract String url(JdbcDatabaseContainer<?> container);

	abstract String url(String server, String name);

	List<String> create(String name) {
		return List.of("CREATE DATABASE " + name);
	}

	String drop(String name) {
		return "DROP DATABASE " + name;
	}

	/**
	 * An empty database on the server.
	 *
	 * @param jdbcUrl a JDBC URL that includes the user and the password
	 * @param dropping what ends it
	 */
	public record Database(String jdbcUrl, Runnable dropping) implements AutoCloseable {

		/**
		 * Drop the database.
		 */
		@Override
		public void close() {
			this.dropping.run();
		}

	}

}
