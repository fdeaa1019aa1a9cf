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

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.LockedRecordException;
import io.idempotency.store.RecordId;
import io.idempotency.store.Write;

/**
 * Carries out the verbs on many records, on connections of their own.
 */
final class SqlManyCalls {

	private final SqlCalls calls;

	private final SqlDialect dialect;

	private final ManyClaims claims;

	private final ManyWrites writes;

	SqlManyCalls(SqlCalls calls, SqlVerbs verbs, SqlStatements statements) {
		this.calls = calls;
		this.dialect = verbs.dialect();
		ManyStatements many = this.dialect.takesArrays() ? new ArrayStatements(verbs, statements)
				: new BatchedStatements(verbs, statements);
		this.claims = new ManyClaims(verbs, statements, many);
		this.writes = new ManyWrites(verbs, statements, many);
	}

	List<ClaimResult> claim(List<ClaimRequest> requests) {
		RecordId.requireDistinct(requests.stream().map(ClaimRequest::id).toList());
		try {
			Map<RecordId, ClaimResult> results = this.calls.callOnMany("claim",
					(connection) -> this.claims.claim(connection, requests));
			return requests.stream().map((request) -> results.get(request.id())).toList();
		}
		catch (SqlStoreException ex) {
			if (ex.getCause() instanceof SQLException cause && this.dialect.saysWaitedTooLong(cause)) {
				Map<RecordId, ClaimResult> won = this.calls.callOnMany("claim",
						(connection) -> this.claims.won(connection, requests));
				return requests.stream()
					.map((request) -> won.getOrDefault(request.id(), locked(request, cause)))
					.toList();
			}
			throw ex;
		}
	}

	private static ClaimResult locked(ClaimRequest request, SQLException cause) {
		return new ClaimResult.Refused(new LockedRecordException(request.id(), cause));
	}

	List<Boolean> write(List<Write> writes) {
		RecordId.requireDistinct(writes.stream().map((write) -> write.lease().id()).toList());
		Set<RecordId> mine = this.calls.callOnMany("write", (connection) -> this.writes.write(connection, writes));
		return writes.stream().map((write) -> mine.contains(write.lease().id())).toList();
	}

	List<Boolean> renew(List<Lease> leases, Duration extension) {
		RecordId.requireDistinct(leases.stream().map(Lease::id).toList());
		Set<RecordId> mine = this.calls.callOnMany("renew",
				(connection) -> this.writes.renew(connection, leases, extension));
		return leases.stream().map((lease) -> mine.contains(lease.id())).toList();
	}

}
