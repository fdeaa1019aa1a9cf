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
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.UnreadableRecordException;

/**
 * Claims of many records. A claim goes, for all that are not decided yet:
 * <ol>
 * <li>Read the rows, and insert those that are not there; where one statement can do
 * both, that is all for records that are new or have an outcome.
 * <li>A row that is the claimant's is acquired, one that is not claimable is occupied.
 * <li>Update the claimable ones on condition that they still have the fence that was
 * seen; what is not known to be updated is looked at again.
 * </ol>
 * Always in the order of the ids, so that no two of them wait for each other.
 */
final class ManyClaims {

	// As for a single claim: each round is lost to somebody else's progress
	private static final int ROUNDS = 50;

	private final SqlVerbs verbs;

	private final SqlStatements statements;

	private final ManyStatements many;

	ManyClaims(SqlVerbs verbs, SqlStatements statements, ManyStatements many) {
		this.verbs = verbs;
		this.statements = statements;
		this.many = many;
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
			return ManyClaims.acquired(this.request, this.row.nextFence(), this.row.nextAttempt(), this.checkpoints);
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

}
