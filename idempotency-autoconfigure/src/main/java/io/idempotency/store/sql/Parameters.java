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

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.FailureNote;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Sets the parameters of a statement one after the other, in the forms of the table.
 */
final class Parameters {

	private static final int OPERATION_LENGTH = 200;

	private static final int FAILURE_TYPE_LENGTH = 300;

	private static final int FAILURE_MESSAGE_LENGTH = 1000;

	private final Target target;

	private int index;

	Parameters(PreparedStatement statement) {
		this(new Target() {

			@Override
			public void set(int index, long number) throws SQLException {
				statement.setLong(index, number);
			}

			@Override
			public void set(int index, byte @Nullable [] bytes) throws SQLException {
				statement.setBytes(index, bytes);
			}

			@Override
			public void set(int index, @Nullable String text) throws SQLException {
				statement.setString(index, text);
			}

		});
	}

	Parameters(Target target) {
		this.target = target;
	}

	Parameters id(RecordId id) throws SQLException {
		return bytes(id.toBytes());
	}

	Parameters number(long number) throws SQLException {
		this.target.set(++this.index, number);
		return this;
	}

	Parameters duration(Duration duration) throws SQLException {
		return number(SqlRow.micros(duration));
	}

	Parameters lease(Lease lease) throws SQLException {
		return id(lease.id()).bytes(SqlRow.bytes(lease.owner())).number(lease.fence());
	}

	Parameters outcome(StoredOutcome outcome, Duration ttl) throws SQLException {
		return number(outcome.kind().ordinal()).bytes(outcome.payload()).duration(ttl);
	}

	Parameters note(FailureNote note) throws SQLException {
		return text(note.type(), FAILURE_TYPE_LENGTH).text(note.message(), FAILURE_MESSAGE_LENGTH);
	}

	/** Operation, policy and owner. */
	Parameters claimant(ClaimRequest request) throws SQLException {
		return text(request.operation(), OPERATION_LENGTH).number(SqlRow.code(request.policy()))
			.bytes(SqlRow.bytes(request.owner()));
	}

	/** Fingerprint, lease, twice the time without an outcome, and the time with one. */
	Parameters terms(ClaimRequest request) throws SQLException {
		Fingerprint fingerprint = request.fingerprint();
		long lease = SqlRow.micros(request.lease());
		long unsettled = lease + SqlRow.micros(request.abandonedTtl());
		return bytes((fingerprint != null) ? fingerprint.toBytes() : null).number(lease)
			.number(unsettled)
			.number(unsettled)
			.number(lease + SqlRow.micros(request.ttl()));
	}

	Parameters bytes(byte @Nullable [] bytes) throws SQLException {
		this.target.set(++this.index, bytes);
		return this;
	}

	// Cut to the column, with no zero, which PostgreSQL refuses, and no half character
	private Parameters text(@Nullable String text, int length) throws SQLException {
		String clean = (text != null) ? text.replace('\0', ' ') : null;
		if (clean != null && clean.length() > length) {
			clean = clean.substring(0, Character.isHighSurrogate(clean.charAt(length - 1)) ? length - 1 : length);
		}
		this.target.set(++this.index, clean);
		return this;
	}

	/**
	 * Takes the parameters, counted from 1.
	 */
	interface Target {

		void set(int index, long number) throws SQLException;

		void set(int index, byte @Nullable [] bytes) throws SQLException;

		void set(int index, @Nullable String text) throws SQLException;

	}

}
