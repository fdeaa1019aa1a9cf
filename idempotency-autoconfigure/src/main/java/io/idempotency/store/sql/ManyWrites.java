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
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.idempotency.store.FailureNote;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Write;
import org.jspecify.annotations.Nullable;

/**
 * What owners write to many records: one statement for all to which the same is done, in
 * the order of the ids, so that no two of them wait for each other.
 */
final class ManyWrites {

	private static final Comparator<ManyStatements.Change> BY_ID = Comparator.comparing(ManyStatements.Change::id);

	private final SqlVerbs verbs;

	private final SqlStatements statements;

	private final ManyStatements many;

	ManyWrites(SqlVerbs verbs, SqlStatements statements, ManyStatements many) {
		this.verbs = verbs;
		this.statements = statements;
		this.many = many;
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
		Set<RecordId> mine = this.many.update(connection, kind.update(this.statements), changes);
		List<Lease> doubtful = owned.stream().map(Owned::lease).filter((lease) -> !mine.contains(lease.id())).toList();
		if (!doubtful.isEmpty()) {
			SqlRow.Many rows = this.many.read(connection, doubtful.stream().map(Lease::id).toList());
			doubtful.stream().filter((lease) -> kind.left(rows, lease)).forEach((lease) -> mine.add(lease.id()));
		}
		return mine;
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

		SqlUpdate update(SqlStatements statements) {
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
