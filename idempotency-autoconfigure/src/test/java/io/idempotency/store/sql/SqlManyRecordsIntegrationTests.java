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
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import io.idempotency.OnUnknown;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.OverlappingBatches;
import io.idempotency.store.RecordId;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.store.Write;
import io.idempotency.store.sql.SqlTestDatabase.Vendor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the statements by which {@link SqlIdempotencyStore} serves many records.
 */
class SqlManyRecordsIntegrationTests {

	private static final Duration TTL = Duration.ofHours(1);

	@ParameterizedTest
	@EnumSource
	void claimAndCompletionOfManyAreAStatementEach(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			StatementCounter counter = new StatementCounter(database.pool());
			IdempotencyStore store = SqlIdempotencyStore.on(counter).queryTimeout(SqlTestDatabase.PATIENCE).build();
			counter.take();

			List<Lease> leases = leases(store.claimAll(requests(newIds(300))));
			List<String> claim = counter.take();
			store.renewAll(leases, TTL);
			List<String> renewal = counter.take();
			assertThat(store.writeAll(completions(leases))).hasSize(300).containsOnly(true);
			List<String> completion = counter.take();
			store.claimAll(requests(leases.stream().map(Lease::id).toList()));
			List<String> replay = counter.take();

			// Elsewhere: read, a batch of inserts, read
			assertThat(claim).hasSize(vendor.isPostgres() ? 1 : 3);
			assertThat(renewal).hasSize(1);
			assertThat(completion).hasSize(1);
			assertThat(replay).hasSize(1);
		}
	}

	@ParameterizedTest
	@EnumSource
	void takeoverOfManyAndPartialFailureAreAStatementMore(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			StatementCounter counter = new StatementCounter(database.pool());
			IdempotencyStore store = SqlIdempotencyStore.on(counter).queryTimeout(SqlTestDatabase.PATIENCE).build();
			List<RecordId> ids = newIds(40);
			List<Lease> leases = leases(store.claimAll(requests(ids)));
			counter.take();

			store.writeAll(
					Stream
						.concat(completions(leases.subList(0, 10)).stream(),
								leases.subList(10, 40).stream().map(SqlManyRecordsIntegrationTests::failure))
						.toList());
			List<String> writes = counter.take();
			List<ClaimResult> again = store.claimAll(requests(ids));

			assertThat(writes).hasSize(2);
			assertThat(counter.take()).hasSize(2);
			assertThat(again.subList(0, 10)).allMatch(ClaimResult.Occupied.class::isInstance);
			assertThat(leases(again.subList(10, 40))).allSatisfy((lease) -> assertThat(ids).contains(lease.id()));
		}
	}

	@ParameterizedTest
	@EnumSource
	void takeoverOfManyWhoseLeaseLapsedReadsOnceMore(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			StatementCounter counter = new StatementCounter(database.pool());
			IdempotencyStore store = SqlIdempotencyStore.on(counter).queryTimeout(SqlTestDatabase.PATIENCE).build();
			List<RecordId> ids = newIds(40);
			store.claimAll(requests(ids));
			database.execute("UPDATE idempotency_record SET lease_until = 0");
			counter.take();

			List<ClaimResult> again = store.claimAll(requests(ids));

			assertThat(counter.take()).hasSize(3);
			assertThat(leases(again)).hasSize(40);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "POSTGRES_OLDEST" })
	void overlappingBatchesAreWorkedOnOnceByOneStatementEachTimeAndWithoutDeadlocks(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			database.store();
			Refusals counter = new Refusals(database);
			IdempotencyStore store = SqlIdempotencyStore.on(counter).queryTimeout(SqlTestDatabase.PATIENCE).build();
			counter.take();

			int roundTrips = OverlappingBatches.areWorkedOnOnce(store);

			assertThat(counter.refused).isEmpty();
			assertThat(counter.take()).hasSize(roundTrips);
		}
	}

	@ParameterizedTest
	@EnumSource
	void recordOfAnotherFormatIsRefusedAndTheOthersAreClaimed(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			IdempotencyStore store = database.store();
			RecordId other = newId();
			Lease lease = leases(store.claimAll(requests(List.of(other)))).get(0);
			database.execute("UPDATE idempotency_record SET format = 2, status = 77");

			List<ClaimResult> results = store.claimAll(requests(List.of(newId(), other)));

			assertThat(results.get(0)).isInstanceOf(ClaimResult.Acquired.class);
			assertThat(((ClaimResult.Refused) results.get(1)).reason()).isInstanceOf(UnreadableRecordException.class);
			assertThat(store.writeAll(completions(List.of(lease)))).containsExactly(false);
			assertThat(store.renewAll(List.of(lease), TTL)).containsExactly(false);
		}
	}

	@Test
	void replayOfManyGetsNoTransactionId() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			IdempotencyStore store = database.store();
			List<RecordId> ids = newIds(200);
			store.writeAll(completions(leases(store.claimAll(requests(ids)))));
			long transactions = transactions(database);

			store.claimAll(requests(ids));

			assertThat(transactions(database)).isEqualTo(transactions);
		}
	}

	@Test
	void claimThatWaitsTooLongForATransactionWinsTheOtherRecords() throws Exception {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			database.store();
			IdempotencyStore store = SqlIdempotencyStore.on(database.pool())
				.queryTimeout(Duration.ofMillis(300))
				.build();
			List<RecordId> ids = newIds(5);
			Lease failed = leases(store.claimAll(requests(ids.subList(2, 3)))).get(0);
			store.writeAll(List.of(failure(failed)));

			List<ClaimResult> results;
			try (var connection = database.pool().getConnection()) {
				connection.setAutoCommit(false);
				connection.createStatement().executeUpdate("UPDATE idempotency_record SET attempt = attempt");
				results = store.claimAll(requests(ids));
				connection.rollback();
			}

			assertThat(((ClaimResult.Refused) results.get(2)).reason()).isInstanceOf(LockedRecordException.class);
			List<Lease> won = leases(results);
			assertThat(won).extracting(Lease::id).containsExactly(ids.get(0), ids.get(1), ids.get(3), ids.get(4));
			assertThat(store.writeAll(completions(won))).hasSize(4).containsOnly(true);
		}
	}

	/**
	 * Each batch locks its records in the same order, whatever order it names them in.
	 */
	@ParameterizedTest
	@EnumSource
	void batchesInOppositeOrdersNeverWaitForEachOther(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create()) {
			IdempotencyStore store = database.store();
			List<RecordId> ids = newIds(400);
			List<RecordId> backwards = backwards(ids);
			ExecutorService threads = Executors.newFixedThreadPool(4);
			CountDownLatch start = new CountDownLatch(1);
			List<Future<Integer>> running = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				List<RecordId> mine = (i % 2 == 0) ? ids : backwards;
				running.add(threads.submit(() -> {
					start.await();
					int won = 0;
					for (int round = 0; round < 5; round++) {
						List<Lease> leases = leases(store.claimAll(requests(mine)));
						store.writeAll(leases.stream().map(SqlManyRecordsIntegrationTests::failure).toList());
						won += leases.size();
					}
					return won;
				}));
			}

			start.countDown();
			int won = 0;
			for (Future<Integer> each : running) {
				won += each.get();
			}
			threads.shutdown();

			assertThat(won).isGreaterThanOrEqualTo(ids.size());
			if (vendor.isPostgres()) {
				assertThat(database.number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
					.isZero();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "POSTGRES_OLDEST" })
	void claimsInOppositeOrdersMeetAtTheFirstRecord(Vendor vendor) throws Exception {
		try (SqlTestDatabase database = vendor.create(); Connection gate = database.pool().getConnection()) {
			database.store();
			Refusals observed = new Refusals(database);
			IdempotencyStore store = SqlIdempotencyStore.on(observed).build();
			List<RecordId> ids = newIds(3).stream().sorted().toList();
			RecordId other = leases(store.claimAll(requests(newIds(1)))).get(0).id();
			gate.setAutoCommit(false);
			update(gate, "UPDATE idempotency_record SET id = ? WHERE id = ?", ids.get(1), other);

			cross(database, gate, () -> store.claimAll(requests(ids)), () -> store.claimAll(requests(backwards(ids))));

			assertThat(observed.refused).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRES", "POSTGRES_OLDEST" })
	void writesInOppositeOrdersMeetAtTheFirstRecord(Vendor vendor) throws Exception {
		// A plan that finds the rows one by one, as for a table that is not as small as
		// this
		String plan = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";
		try (SqlTestDatabase database = vendor.create((config) -> config.setConnectionInitSql(plan));
				Connection gate = database.pool().getConnection()) {
			database.store();
			Refusals observed = new Refusals(database);
			IdempotencyStore store = SqlIdempotencyStore.on(observed).build();
			List<Lease> leases = leases(store.claimAll(requests(newIds(3).stream().sorted().toList())));
			gate.setAutoCommit(false);
			update(gate, "UPDATE idempotency_record SET operation = 'gate' WHERE id = ?", leases.get(1).id());

			cross(database, gate, () -> store.writeAll(completions(leases)),
					() -> store.renewAll(backwards(leases), TTL));

			assertThat(observed.refused).isEmpty();
		}
	}

	/** Let both come as far as the gate at the middle record, or to each other. */
	private static void cross(SqlTestDatabase database, Connection gate, Runnable one, Runnable other)
			throws SQLException {
		CompletableFuture<Void> first = CompletableFuture.runAsync(one);
		database.awaitWaiters(1);
		CompletableFuture<Void> second = CompletableFuture.runAsync(other);
		database.awaitWaiters(2);
		gate.rollback();
		assertThat(CompletableFuture.allOf(first, second)).succeedsWithin(Duration.ofSeconds(30));
	}

	private static void update(Connection connection, String sql, RecordId... ids) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < ids.length; i++) {
				statement.setBytes(i + 1, ids[i].toBytes());
			}
			assertThat(statement.executeUpdate()).isOne();
		}
	}

	private static <T> List<T> backwards(List<T> list) {
		List<T> backwards = new ArrayList<>(list);
		Collections.reverse(backwards);
		return backwards;
	}

	private static long transactions(SqlTestDatabase database) throws Exception {
		return database.number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
	}

	private static List<Lease> leases(List<ClaimResult> results) {
		return results.stream()
			.filter(ClaimResult.Acquired.class::isInstance)
			.map((result) -> ((ClaimResult.Acquired) result).lease())
			.toList();
	}

	private static List<Write> completions(List<Lease> leases) {
		return leases.stream()
			.<Write>map((lease) -> new Write.Completion(lease, StoredOutcome.value(new byte[] { 1 }), TTL))
			.toList();
	}

	private static Write failure(Lease lease) {
		return new Write.GivingBack(lease, new Release.Failed(new FailureNote("a.B", null)));
	}

	private static List<ClaimRequest> requests(List<RecordId> ids) {
		return ids.stream()
			.map((id) -> new ClaimRequest(id, "notify", UUID.randomUUID(), null, OnUnknown.RETRY,
					Duration.ofSeconds(30), TTL, TTL, false))
			.toList();
	}

	private static List<RecordId> newIds(int count) {
		return Stream.generate(SqlManyRecordsIntegrationTests::newId).limit(count).toList();
	}

	private static RecordId newId() {
		byte[] digest = new byte[RecordId.LENGTH];
		java.util.concurrent.ThreadLocalRandom.current().nextBytes(digest);
		return RecordId.of(digest);
	}

	/**
	 * Remembers the statements that the database refused, which the store tries again.
	 */
	private static final class Refusals extends StatementCounter {

		private final List<SQLException> refused = new CopyOnWriteArrayList<>();

		Refusals(SqlTestDatabase database) {
			super(database.pool());
		}

		@Override
		protected Object execute(Execution execution) throws Throwable {
			try {
				return execution.proceed();
			}
			catch (SQLException ex) {
				this.refused.add(ex);
				throw ex;
			}
		}

	}

}
