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

package io.idempotency.store.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.Map;

import io.idempotency.store.Checkpoints;
import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.store.Write;

/**
 * What is sent to the scripts, the key first, and what their answers say, whichever way
 * the two travel.
 */
final class Messages {

	static final Long YES = 1L;

	/** A thousand years, in which no sum overflows. */
	private static final Duration FOREVER = Duration.ofDays(365_000);

	private static final byte[] NOTHING = {};

	private final byte[] prefix;

	Messages(String prefix) {
		this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
	}

	byte[][] claim(ClaimRequest request) {
		return message(key(request.id()), RecordFormat.owner(request.owner()),
				RecordFormat.fingerprint(request.fingerprint()),
				ascii(RecordFormat.state(request.policy(), request.fingerprint())), millis(request.lease()),
				millis(request.abandonedTtl()), ascii(request.waiting() ? 1 : 0));
	}

	static ClaimResult claimed(ClaimRequest request, List<Object> answer) {
		if (YES.equals(answer.get(0))) {
			Lease lease = new Lease(request.id(), request.owner(), (Long) answer.get(1));
			return new ClaimResult.Acquired(lease, ((Long) answer.get(2)).intValue(),
					(answer.size() > 3) ? Checkpoints.read(request.id(), (byte[]) answer.get(3)) : Map.of());
		}
		return new ClaimResult.Occupied(read(request.id(), answer));
	}

	static ClaimResult claimedOrRefused(ClaimRequest request, List<Object> answer) {
		try {
			return claimed(request, answer);
		}
		catch (UnreadableRecordException ex) {
			return new ClaimResult.Refused(ex);
		}
	}

	static CompletionStage<ClaimResult> orRefused(CompletionStage<ClaimResult> claim) {
		return claim.exceptionally((ex) -> {
			Throwable cause = (ex instanceof CompletionException && ex.getCause() != null) ? ex.getCause() : ex;
			if (cause instanceof UnreadableRecordException unreadable) {
				return new ClaimResult.Refused(unreadable);
			}
			throw (cause instanceof RuntimeException failure) ? failure : new CompletionException(cause);
		});
	}

	/** The answer for one of many records. */
	@SuppressWarnings("unchecked")
	static List<Object> values(Object answer) {
		return (List<Object>) answer;
	}

	static <W extends Write> List<W> only(Class<W> type, List<Write> writes) {
		return writes.stream().filter(type::isInstance).map(type::cast).toList();
	}

	byte[][] complete(Write.Completion completion) {
		return complete(completion.lease(), completion.outcome(), completion.ttl());
	}

	byte[][] release(Write.GivingBack release) {
		return release(release.lease(), release.how());
	}

	byte[][] complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return message(key(lease.id()), RecordFormat.ticket(lease), ascii(RecordFormat.kind(outcome)), millis(ttl),
				RecordFormat.payload(outcome));
	}

	byte[][] release(Lease lease, Release how) {
		if (how instanceof Release.Failed failed) {
			return release(lease, RecordStatus.FAILED, RecordFormat.note(failed.note()));
		}
		if (how instanceof Release.Unknown unknown) {
			return release(lease, RecordStatus.UNKNOWN, RecordFormat.note(unknown.note()));
		}
		return release(lease, RecordStatus.IN_PROGRESS, NOTHING);
	}

	private byte[][] release(Lease lease, RecordStatus status, byte[] note) {
		return message(key(lease.id()), RecordFormat.ticket(lease), ascii(RecordFormat.status(status)), note);
	}

	byte[][] renew(Lease lease, Duration extension) {
		return message(key(lease.id()), RecordFormat.ticket(lease), millis(extension));
	}

	byte[][] checkpoint(Lease lease, String step, StoredOutcome outcome) {
		return message(key(lease.id()), RecordFormat.ticket(lease), Checkpoints.entry(step, outcome));
	}

	byte[][] resolve(RecordId id, long observedFence, Resolution how) {
		if (how instanceof Resolution.Complete complete) {
			return resolve(id, observedFence, RecordStatus.COMPLETED, ascii(RecordFormat.kind(complete.outcome())),
					millis(complete.ttl()), RecordFormat.payload(complete.outcome()));
		}
		return resolve(id, observedFence, RecordStatus.FAILED, ascii(0), ascii(0), NOTHING);
	}

	private byte[][] resolve(RecordId id, long observedFence, RecordStatus status, byte[] kind, byte[] ttl,
			byte[] payload) {
		return message(key(id), RecordFormat.fence(observedFence), RecordFormat.fence(observedFence + 1),
				ascii(RecordFormat.status(status)), kind, ttl, payload);
	}

	byte[] key(RecordId id) {
		byte[] hex = id.toHex().getBytes(StandardCharsets.ISO_8859_1);
		byte[] key = Arrays.copyOf(this.prefix, this.prefix.length + hex.length);
		System.arraycopy(hex, 0, key, this.prefix.length, hex.length);
		return key;
	}

	static IdempotencyRecord read(RecordId id, List<Object> answer) {
		return RecordFormat.read(id, (byte[]) answer.get(1), (Long) answer.get(2), (Long) answer.get(3));
	}

	private static byte[] millis(Duration duration) {
		if (duration.compareTo(FOREVER) > 0) {
			return ascii(FOREVER.toMillis());
		}
		long millis = duration.toMillis();
		long rounded = (duration.compareTo(Duration.ofMillis(millis)) > 0) ? millis + 1 : millis;
		return ascii(Math.max(rounded, 1));
	}

	private static byte[] ascii(long number) {
		return Long.toString(number).getBytes(StandardCharsets.ISO_8859_1);
	}

	private static byte[][] message(byte[]... keyAndArguments) {
		return keyAndArguments;
	}

}
