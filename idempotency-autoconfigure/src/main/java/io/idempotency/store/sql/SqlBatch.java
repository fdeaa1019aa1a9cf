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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.FailureNote;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.store.Write;
import org.jspecify.annotations.Nullable;

/**
 * The verbs on many records. A claim goes, for all that are not decided yet:
 * <ol>
 * <li>Read the rows, and insert those that are not there; where one statement can do
 * both, that is all for records that are new or have an outcome.
 * <li>A row that is the claimant's is acquired, one that is not claimable is occupied.
 * <li>Update the claimable ones on condition that they still have the fence that was
 * seen; what is not known to be updated is looked at again.
 * </ol>
 * Always in the order of the ids, so that no two of them wait for each other.
 */
final class SqlBatch {

	// As for a single claim: each round is lost to somebody else's progress
	private static final int ROUNDS = 50;

	private static final Comparator<ManyStatements.Change> BY_ID = Comparator.comparing(ManyStatements.Change::id);

	private final SqlVerbs verbs;

	private final SqlStatements statements;

	private final ManyStatements many;

	SqlBatch(SqlVerbs verbs, SqlStatements statements) {
		this.verbs = verbs;
		this.statements = statements;
		this.many = verbs.dialect().takesArrays() ? new ArrayStatements(verbs, statements)
				: new BatchedStatements(verbs, statements);
	}

	Map<RecordId, ClaimResult> claim(Connection connection, Collection<ClaimRequest> requests) throws SQLException {
		SortedMap<RecordId, ClaimRequest> open = new TreeMap<>();
		requests.forEach((request) -> open.put(request.id(), request));
		Map<RecordId, ClaimResult> results = new HashMap<>();
		for (int round = 0; !open.isEmpty() && round < ROUNDS; round++) {
			claim(connection, open, results);
			open.keySet().removeAll(results.keySet());
		}
		if (!open.isEmpty()) {
			throw new SqlStoreException(
					open.size() + " records changed hands " + ROUNDS + " times during one claim: try again later",
					null);
		}
		return results;
	}

	private void claim(Connection connection, SortedMap<RecordId, ClaimRequest> open,
			Map<RecordId, ClaimResult> results) throws SQLException {
		SqlRow.Many rows = this.many.open(connection, open.values());
		rows.unreadable().forEach((id, ex) -> results.put(id, new ClaimResult.Refused(ex)));
		List<ClaimRequest> missing = new ArrayList<>();
		List<Takeover> claimable = new ArrayList<>();
		for (ClaimRequest request : open.values()) {
			SqlRow row = rows.readable().get(request.id());
			if (row != null) {
				decideIfReadable(row, request, results, claimable);
			}
			else if (!results.containsKey(request.id())) {
				missing.add(request);
			}
		}
		if (!missing.isEmpty()) {
			this.many.insert(connection, missing);
		}
		if (!claimable.isEmpty()) {
			Set<RecordId> taken = this.many.update(connection, this.statements.takeOver,
					claimable.stream().map(Takeover::change).toList());
			// An owner whose lease lapsed may have done another step since it was read.
			// The next round finds the record its own, with all of them
			claimable.stream()
				.filter((takeover) -> taken.contains(takeover.request.id()) && !takeover.row.record().lapsed())
				.forEach((takeover) -> results.put(takeover.request.id(), takeover.acquired()));
		}
	}

	/**
	 * Return what a claim has won that was cut off while it waited for a transaction: its
	 * statements before that are committed.
	 * @param connection where
	 * @param requests the claims
	 * @return the results of those that are their claimants'
	 * @throws SQLException if the driver does
	 */
	Map<RecordId, ClaimResult> won(Connection connection, Collection<ClaimRequest> requests) throws SQLException {
		SqlRow.Many rows = this.many.read(connection, requests.stream().map(ClaimRequest::id).toList());
		Map<RecordId, ClaimResult> results = new HashMap<>();
		for (ClaimRequest request : requests) {
			SqlRow row = rows.readable().get(request.id());
			if (row != null && row.ownedBy(request)) {
				decideIfReadable(row, request, results, List.of());
			}
		}
		return results;
	}

	/** What cannot be read keeps its owner. */
	private void decideIfReadable(SqlRow row, ClaimRequest request, Map<RecordId, ClaimResult> results,
			List<Takeover> claimable) {
		try {
			decide(row, request, results, claimable);
		}
		catch (UnreadableRecordException ex) {
			results.put(request.id(), new ClaimResult.Refused(ex));
		}
	}

	private void decide(SqlRow row, ClaimRequest request, Map<RecordId, ClaimResult> results,
			List<Takeover> claimable) {
		if (row.ownedBy(request)) {
			results.put(request.id(),
					acquired(request, row.record().fence(), row.record().attempt(), row.checkpoints()));
			return;
		}
		this.verbs.met().add(request.id());
		if (row.claimableBy(request)) {
			claimable.add(new Takeover(request, row, row.expired() ? Map.of() : row.checkpoints()));
		}
		else {
			results.put(request.id(), new ClaimResult.Occupied(row.record()));
		}
	}

	/**
	 * Write what owners found out.
	 * @param connection where
	 * @param writes to a record each
	 * @return the records that were still their owners'
	 * @throws SQLException if the driver does
	 */
	Set<RecordId> write(Connection connection, List<Write> writes) throws SQLException {
		Map<Kind, List<Owned>> byKind = new EnumMap<>(Kind.class);
		writes
			.forEach((write) -> byKind.computeIfAbsent(Kind.of(write), (kind) -> new ArrayList<>()).add(owned(write)));
		Set<RecordId> mine = new HashSet<>();
		for (Map.Entry<Kind, List<Owned>> entry : byKind.entrySet()) {
			mine.addAll(write(connection, entry.getKey(), entry.getValue()));
		}
		return mine;
	}

	Set<RecordId> renew(Connection connection, List<Lease> leases, Duration extension) throws SQLException {
		return leases.isEmpty() ? Set.of()
				: write(connection, Kind.RENEWED,
						leases.stream()
							.map((lease) -> new Owned(lease,
									(parameters) -> parameters.duration(extension).duration(extension).lease(lease)))
							.toList());
	}

	private Owned owned(Write write) {
		Lease lease = write.lease();
		if (write instanceof Write.Completion completion) {
			this.verbs.met().add(lease.id());
			return new Owned(lease,
					(parameters) -> parameters.outcome(completion.outcome(), completion.ttl()).lease(lease));
		}
		FailureNote note = note(((Write.GivingBack) write).how());
		return (note != null) ? new Owned(lease, (parameters) -> parameters.note(note).lease(lease))
				: new Owned(lease, (parameters) -> parameters.lease(lease));
	}

	private static @Nullable FailureNote note(Release how) {
		if (how instanceof Release.Failed failed) {
			return failed.note();
		}
		return (how instanceof Release.Unknown unknown) ? unknown.note() : null;
	}

	/** What is not known to be updated may be, by the same verb sent before. */
	private Set<RecordId> write(Connection connection, Kind kind, List<Owned> owned) throws SQLException {
		List<ManyStatements.Change> changes = owned.stream().map(Owned::change).sorted(BY_ID).toList();
		Set<RecordId> mine = this.many.update(connection, kind.statement(this.statements), changes);
		List<Lease> doubtful = owned.stream().map(Owned::lease).filter((lease) -> !mine.contains(lease.id())).toList();
		if (!doubtful.isEmpty()) {
			SqlRow.Many rows = this.many.read(connection, doubtful.stream().map(Lease::id).toList());
			doubtful.stream().filter((lease) -> kind.left(rows, lease)).forEach((lease) -> mine.add(lease.id()));
		}
		return mine;
	}

	private static ClaimResult acquired(ClaimRequest request, long fence, int attempt,
			Map<String, StoredOutcome> checkpoints) {
		return new ClaimResult.Acquired(new Lease(request.id(), request.owner(), fence), attempt, checkpoints);
	}

	/**
	 * A row to take over.
	 *
	 * @param request the claim
	 * @param row as it was seen
	 * @param checkpoints what was done of the work by then
	 */
	private record Takeover(ClaimRequest request, SqlRow row, Map<String, StoredOutcome> checkpoints) {

		ClaimResult acquired() {
			return SqlBatch.acquired(this.request, this.row.nextFence(), this.row.nextAttempt(), this.checkpoints);
		}

		ManyStatements.Change change() {
			return new ManyStatements.Change(this.request.id(),
					(parameters) -> parameters.claimant(this.request)
						.number(this.row.nextFence())
						.number(this.row.nextAttempt())
						.terms(this.request)
						.id(this.request.id())
						.number(this.row.record().fence()));
		}

	}

	/**
	 * A write of an owner.
	 *
	 * @param lease its ticket
	 * @param parameters what it writes
	 */
	private record Owned(Lease lease, ManyStatements.Setting parameters) {

		ManyStatements.Change change() {
			return new ManyStatements.Change(this.lease.id(), this.parameters);
		}

	}

	/**
	 * What owners do to their records.
	 */
	private enum Kind {

		COMPLETED, FAILED, UNKNOWN, FORGOTTEN, RENEWED;

		static Kind of(Write write) {
			if (write instanceof Write.Completion) {
				return COMPLETED;
			}
			Release how = ((Write.GivingBack) write).how();
			if (how instanceof Release.Forget) {
				return FORGOTTEN;
			}
			return (how instanceof Release.Failed) ? FAILED : UNKNOWN;
		}

		String statement(SqlStatements statements) {
			return switch (this) {
				case COMPLETED -> statements.complete;
				case FAILED -> statements.fail;
				case UNKNOWN -> statements.leaveUnknown;
				case FORGOTTEN -> statements.forget;
				case RENEWED -> statements.renew;
			};
		}

		boolean left(SqlRow.Many rows, Lease lease) {
			SqlRow row = rows.readable().get(lease.id());
			if (row == null) {
				return this == FORGOTTEN && !rows.unreadable().containsKey(lease.id());
			}
			return switch (this) {
				case COMPLETED -> row.left(lease, RecordStatus.COMPLETED);
				case FAILED -> row.left(lease, RecordStatus.FAILED);
				case UNKNOWN -> row.left(lease, RecordStatus.UNKNOWN);
				case FORGOTTEN -> row.expired();
				case RENEWED -> row.left(lease, RecordStatus.IN_PROGRESS);
			};
		}

	}

}
