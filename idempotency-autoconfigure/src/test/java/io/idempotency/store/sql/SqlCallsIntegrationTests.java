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

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what becomes of verbs that the database gives up.
 */
class SqlCallsIntegrationTests {

	private static final Duration TTL = Duration.ofHours(1);

	@ParameterizedTest
	@CsvSource({ "POSTGRES, 40001, 0", "POSTGRES, 40P01, 0", "POSTGRES, 55P03, 0", "H2, 40001, 40001",
			"H2, HYT00, 50200", "H2, HYT00, 90131", "MARIADB, 40001, 1213", "MARIADB, HY000, 1205",
			"MARIADB, HY000, 1020" })
	void verbThatWasGivenUpForTheSakeOfOthersIsTriedAgain(Vendor vendor, String state, int code) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			Interruptions interruptions = new Interruptions(database);
			IdempotencyStore store = SqlIdempotencyStore.on(interruptions).build();
			RecordId id = newId();

			interruptions.next(3, new SQLException("given up", state, code));
			Lease lease = ((ClaimResult.Acquired) store.claim(request(id))).lease();
			interruptions.next(3, new SQLException("given up", state, code));
			boolean completed = store.complete(lease, StoredOutcome.noValue(), TTL);
			interruptions.next(3, new SQLException("given up", state, code));
			int purged = store.purgeExpired(10);

			assertThat(completed).isTrue();
			assertThat(purged).isZero();
			assertThat(store.find(id)).map(IdempotencyRecord::status).contains(RecordStatus.COMPLETED);
			assertThat(interruptions.made).isEqualTo(9);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2", "MARIADB" })
	void verbThatWasAppliedBeforeItFailedIsNotAppliedTwice(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			Interruptions interruptions = new Interruptions(database);
			IdempotencyStore store = SqlIdempotencyStore.on(interruptions).build();
			RecordId id = newId();

			interruptions.afterwards = true;
			interruptions.next(1, new SQLException("given up", "40001", 1213));
			ClaimResult.Acquired claim = (ClaimResult.Acquired) store.claim(request(id));
			interruptions.next(1, new SQLException("given up", "40001", 1213));
			boolean completed = store.complete(claim.lease(), StoredOutcome.noValue(), TTL);

			assertThat(interruptions.made).isEqualTo(2);
			assertThat(claim.attempt()).isOne();
			assertThat(completed).isTrue();
			assertThat(store.find(id).orElseThrow().fence()).isEqualTo(claim.lease().fence());
		}
	}

	@Test
	void verbIsGivenUpAfterFourTries() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.h2()) {
			database.store();
			Interruptions interruptions = new Interruptions(database);
			IdempotencyStore store = SqlIdempotencyStore.on(interruptions).build();
			SQLException deadlock = new SQLException("given up", "40001");
			RecordId id = newId();

			interruptions.next(100, deadlock);

			assertThatExceptionOfType(SqlStoreException.class).isThrownBy(() -> store.find(id))
				.withMessageContaining("'find' on record " + id.shortForm())
				.withCause(deadlock);
			assertThat(interruptions.made).isEqualTo(4);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "H2", "MARIADB" })
	void verbThatFailedForAnotherReasonIsNotTriedAgain(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			Interruptions interruptions = new Interruptions(database);
			IdempotencyStore store = SqlIdempotencyStore.on(interruptions).build();
			SQLException cutOff = new SQLException("canceled", "57014", 1969);

			interruptions.next(100, cutOff);

			assertThatExceptionOfType(SqlStoreException.class).isThrownBy(() -> store.find(newId())).withCause(cutOff);
			assertThat(interruptions.made).isOne();
		}
	}

	@ParameterizedTest
	@CsvSource({ "POSTGRES, SET lock_timeout = '50ms'", "H2, SET LOCK_TIMEOUT 50",
			"MARIADB, SET innodb_lock_wait_timeout = 1", "MARIADB_AS_MYSQL, SET innodb_lock_wait_timeout = 1" })
	void lockThatIsHeldTooLongIsWaitedForAgain(Vendor vendor, String shortWait) throws Exception {
		try (SqlTestDatabase database = vendor.create((config) -> config.setConnectionInitSql(shortWait));
				Connection other = database.pool().getConnection()) {
			Interruptions observed = new Interruptions(database);
			database.store();
			IdempotencyStore store = SqlIdempotencyStore.on(observed).build();
			Lease lease = ((ClaimResult.Acquired) store.claim(request(newId()))).lease();
			other.setAutoCommit(false);
			try (PreparedStatement lock = other
				.prepareStatement("SELECT id FROM idempotency_record WHERE id = ? FOR UPDATE")) {
				lock.setBytes(1, lease.id().toBytes());
				lock.executeQuery();
			}
			observed.whenRefused = other::rollback;

			boolean completed = store.complete(lease, StoredOutcome.noValue(), TTL);

			assertThat(completed).isTrue();
			assertThat(observed.refused).hasSize(1);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "POSTGRES_OLDEST", "MARIADB", "MYSQL" })
	void verbThatADeadlockWasResolvedAgainstIsTriedAgain(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create();
				Connection other = database.pool().getConnection();
				Connection gate = database.pool().getConnection()) {
			Interruptions observed = new Interruptions(database);
			database.store();
			IdempotencyStore store = SqlIdempotencyStore.on(observed).build();
			Lease lease = ((ClaimResult.Acquired) store.claim(request(newId()))).lease();
			letUpdatesWaitForTheLedger(vendor, database);
			if (vendor.isPostgres()) {
				execute(other, "SET deadlock_timeout = '1h'");
			}
			takeTheLockOf(gate, "gate");
			takeTheLockOf(other, "ledger");
			CompletableFuture<Void> crossed = new CompletableFuture<>();
			observed.whenRefused = crossed::join;

			CompletableFuture<Boolean> completed = CompletableFuture
				.supplyAsync(() -> store.complete(lease, StoredOutcome.noValue(), TTL));
			database.awaitWaiters(1);
			crossed.completeAsync(() -> crossAndCommit(other, lease));
			database.awaitWaiters(2);
			gate.commit();

			assertThat(crossed).succeedsWithin(Duration.ofSeconds(10));
			assertThat(completed).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(true);
			assertThat(observed.refused).hasSize(1)
				.allMatch((ex) -> ex.getSQLState().equals("40P01") || ex.getErrorCode() == 1213);
		}
	}

	// An update of a record then holds one lock while it waits for another, and meets the
	// gate in between: whoever crosses it waits by then, whatever the machine does. The
	// one to go is who finds the deadlock on PostgreSQL, so the other never looks:
	// elsewhere a hundred rows outweigh the update of the record.
	private static void letUpdatesWaitForTheLedger(Vendor vendor, SqlTestDatabase database) {
		database.execute("CREATE TABLE gate (number INTEGER)");
		database.execute("INSERT INTO gate VALUES (0)");
		database.execute("CREATE TABLE ledger (number INTEGER)");
		for (int i = 0; i < 100; i++) {
			database.execute("INSERT INTO ledger VALUES (" + i + ")");
		}
		String action = "UPDATE gate SET number = number + 1; UPDATE ledger SET number = number + 1; ";
		if (vendor.isPostgres()) {
			database.execute("CREATE FUNCTION wait_for_ledger() RETURNS TRIGGER LANGUAGE plpgsql AS " + "$$ BEGIN "
					+ action + "RETURN NULL; END $$");
		}
		database.execute("CREATE TRIGGER waiting AFTER UPDATE ON idempotency_record FOR EACH ROW "
				+ (vendor.isPostgres() ? "EXECUTE FUNCTION wait_for_ledger()" : "BEGIN " + action + "END"));
	}

	private static void takeTheLockOf(Connection connection, String table) throws SQLException {
		connection.setAutoCommit(false);
		execute(connection, "UPDATE " + table + " SET number = number + 1");
	}

	private static @Nullable Void crossAndCommit(Connection other, Lease lease) {
		try (PreparedStatement crossing = other
			.prepareStatement("UPDATE idempotency_record SET operation = 'crossing' WHERE id = ?")) {
			crossing.setBytes(1, lease.id().toBytes());
			crossing.executeUpdate();
			other.commit();
			return null;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static ClaimRequest request(RecordId id) {
		return new ClaimRequest(id, "payment-service-charge", UUID.randomUUID(), null, OnUnknown.RETRY,
				Duration.ofSeconds(30), Duration.ofDays(1), TTL, false);
	}

	private static RecordId newId() {
		UUID random = UUID.randomUUID();
		byte[] bytes = new byte[RecordId.LENGTH];
		ByteBuffer.wrap(bytes).putLong(random.getMostSignificantBits()).putLong(random.getLeastSignificantBits());
		return RecordId.of(bytes);
	}

	/** Fails statements in place of the database, and tells of those that it failed. */
	private static final class Interruptions extends StatementCounter {

		private final List<SQLException> refused = new ArrayList<>();

		private int left;

		private int made;

		private @Nullable SQLException exception;

		private boolean afterwards;

		private Action whenRefused = () -> {
		};

		Interruptions(SqlTestDatabase database) {
			super(database.pool());
		}

		void next(int times, SQLException exception) {
			this.left = times;
			this.exception = exception;
		}

		@Override
		protected Object execute(Execution execution) throws Throwable {
			if (this.left == 0) {
				return observed(execution);
			}
			this.left--;
			this.made++;
			if (this.afterwards) {
				execution.proceed();
			}
			throw this.exception;
		}

		private Object observed(Execution execution) throws Throwable {
			try {
				return execution.proceed();
			}
			catch (SQLException ex) {
				this.refused.add(ex);
				this.whenRefused.run();
				throw ex;
			}
		}

		@FunctionalInterface
		private interface Action {

			void run() throws SQLException;

		}

	}

}
