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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

import io.idempotency.OnUnknown;
import io.idempotency.store.Checkpoints;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.FailureNote;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * A row as it was read, and the numbers and bytes that stand for things in it.
 *
 * @param record the record
 * @param unsettled what stands in the place of an outcome that is not there
 */
@SuppressWarnings("ArrayRecordComponent")
record SqlRow(IdempotencyRecord record, byte[] unsettled) {

	private static final byte[] NOTHING = {};

	static final int IN_PROGRESS = 0;

	static final int COMPLETED = 1;

	static final int FAILED = 2;

	static final int UNKNOWN = 3;

	static final int RETRY = 0;

	static final int HOLD = 1;

	/** What {@link #read} expects, followed by the time of the read. */
	static final String COLUMNS = "format, status, policy, fingerprint, owner, fence, attempt, kind, payload, "
			+ "failure_type, failure_message, claimed_at, lease_until, expires_at";

	private static final int ID = 16;

	private static final long LONGEST_SECONDS = Duration.ofDays(365_000).toSeconds();

	/**
	 * Run a query for one row.
	 * @param id the record's id
	 * @param query the query, its parameters set
	 * @return the row, or {@code null} if there is none
	 * @throws SQLException if the driver does
	 */
	static @Nullable SqlRow first(RecordId id, PreparedStatement query) throws SQLException {
		try (ResultSet rows = query.executeQuery()) {
			return rows.next() ? read(id, rows) : null;
		}
	}

	/**
	 * Read the row under the cursor.
	 * @param id the record's id
	 * @param rows the result, on a row
	 * @return the row
	 * @throws SQLException if the driver does
	 * @throws UnreadableRecordException if its format is not known; nothing else of the
	 * row is looked at then
	 */
	private static SqlRow read(RecordId id, ResultSet rows) throws SQLException {
		int format = rows.getInt(1);
		if (format != SqlStatements.FORMAT) {
			throw new UnreadableRecordException(id, format);
		}
		RecordStatus status = status(rows.getInt(2));
		OnUnknown policy = (rows.getInt(3) == HOLD) ? OnUnknown.HOLD : OnUnknown.RETRY;
		byte[] fingerprint = rows.getBytes(4);
		return new SqlRow(new IdempotencyRecord(id, status, policy,
				(fingerprint != null) ? Fingerprint.of(fingerprint) : null, owner(rows.getBytes(5)), rows.getLong(6),
				rows.getInt(7), (status == RecordStatus.COMPLETED) ? outcome(rows) : null, failure(rows),
				instant(rows.getLong(12)), instant(rows.getLong(13)), instant(rows.getLong(14)),
				instant(rows.getLong(15))), (status == RecordStatus.COMPLETED) ? NOTHING : unsettled(rows));
	}

	private static byte[] unsettled(ResultSet rows) throws SQLException {
		byte[] payload = rows.getBytes(9);
		return (payload != null) ? payload : NOTHING;
	}

	/**
	 * Return what was done of the work.
	 * @return the outcomes by step
	 */
	Map<String, StoredOutcome> checkpoints() {
		return Checkpoints.read(this.record.id(), this.unsettled);
	}

	/**
	 * Read many rows.
	 * @param rows the result, in which the id comes after the time of the read
	 * @return the rows
	 * @throws SQLException if the driver does
	 */
	static Many all(ResultSet rows) throws SQLException {
		Many many = new Many(new HashMap<>(), new HashMap<>());
		while (rows.next()) {
			RecordId id = RecordId.of(rows.getBytes(ID));
			try {
				many.readable.put(id, read(id, rows));
			}
			catch (UnreadableRecordException ex) {
				many.unreadable.put(id, ex);
			}
		}
		return many;
	}

	/**
	 * Return whether the record ceased to exist, although its row is still there.
	 * @return whether it expired
	 */
	boolean expired() {
		return !this.record.readAt().isBefore(this.record.expiresAt());
	}

	/**
	 * Return whether the claimant already owns the record: its statement was carried out
	 * and only the answer got lost, or it was just inserted.
	 * @param request the claim
	 * @return whether the record is live and the claimant's
	 */
	boolean ownedBy(ClaimRequest request) {
		return !expired() && this.record.live() && this.record.owner().equals(request.owner());
	}

	/**
	 * Return whether a verb of this owner has left the record in this status.
	 * @param lease the owner's ticket
	 * @param status the status that the verb ends in
	 * @return whether it was applied
	 */
	boolean left(Lease lease, RecordStatus status) {
		return !expired() && this.record.status() == status && this.record.fence() == lease.fence()
				&& this.record.owner().equals(lease.owner());
	}

	/**
	 * Return whether the claimant may take the record over.
	 * @param request the claim
	 * @return whether the record expired, or is free for whoever asks for the same
	 */
	boolean claimableBy(ClaimRequest request) {
		if (expired()) {
			return true;
		}
		boolean free = this.record.status() == RecordStatus.FAILED
				|| (this.record.lapsed() && this.record.policy() == OnUnknown.RETRY);
		return free && request.matches(this.record.fingerprint());
	}

	/**
	 * Return the fence of whoever takes the record over.
	 * @return a greater fence; where the record expired the time, like that of a new
	 * record
	 */
	long nextFence() {
		long next = this.record.fence() + 1;
		return expired() ? Math.max(next, micros(Duration.between(Instant.EPOCH, this.record.readAt()))) : next;
	}

	int nextAttempt() {
		return expired() ? 1 : this.record.attempt() + 1;
	}

	static int code(RecordStatus status) {
		return switch (status) {
			case IN_PROGRESS -> IN_PROGRESS;
			case COMPLETED -> COMPLETED;
			case FAILED -> FAILED;
			case UNKNOWN -> UNKNOWN;
		};
	}

	static int code(OnUnknown policy) {
		return (policy == OnUnknown.HOLD) ? HOLD : RETRY;
	}

	static byte[] bytes(UUID owner) {
		return ByteBuffer.allocate(16)
			.putLong(owner.getMostSignificantBits())
			.putLong(owner.getLeastSignificantBits())
			.array();
	}

	/**
	 * Return a length of time as the table keeps it.
	 * @param duration the length; a thousand years stand for anything longer
	 * @return microseconds
	 */
	static long micros(Duration duration) {
		long seconds = Math.min(duration.toSeconds(), LONGEST_SECONDS);
		return seconds * 1_000_000 + duration.getNano() / 1_000;
	}

	private static RecordStatus status(int code) {
		for (RecordStatus status : RecordStatus.values()) {
			if (code(status) == code) {
				return status;
			}
		}
		throw new IllegalStateException("No status has the code " + code);
	}

	private static UUID owner(byte[] bytes) {
		ByteBuffer buffer = ByteBuffer.wrap(bytes);
		return new UUID(buffer.getLong(), buffer.getLong());
	}

	private static StoredOutcome outcome(ResultSet rows) throws SQLException {
		StoredOutcome.Kind kind = StoredOutcome.Kind.values()[rows.getInt(8)];
		byte[] payload = rows.getBytes(9);
		boolean needed = kind == StoredOutcome.Kind.VALUE || kind == StoredOutcome.Kind.FAILURE;
		// To Oracle no bytes are NULL
		return new StoredOutcome(kind, (payload == null && needed) ? new byte[0] : payload);
	}

	private static @Nullable FailureNote failure(ResultSet rows) throws SQLException {
		String type = rows.getString(10);
		return (type != null) ? new FailureNote(type, rows.getString(11)) : null;
	}

	private static Instant instant(long micros) {
		return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
	}

	/**
	 * The rows of many records.
	 *
	 * @param readable those whose format is known
	 * @param unreadable why others cannot be read
	 */
	record Many(Map<RecordId, SqlRow> readable, Map<RecordId, UnreadableRecordException> unreadable) {

	}

}
