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
import java.util.Optional;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.RecordId;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Keeps records in Redis 6 or later, each as one string under the prefix and the 64
 * hexadecimal characters of its id, and each with an expiry. A verb is one script on one
 * key, so it is atomic, works in a Redis Cluster, and takes its time from the server: a
 * first run costs a claim and a completion, a duplicate one claim that writes nothing.
 *
 * <p>
 * Whoever waits for an owner marks the record in its own claim; only then the end of the
 * work is published, on the channel that is named by the prefix and {@code done}.
 *
 * <p>
 * All times have a resolution of a millisecond, rounded so that nothing lapses or expires
 * early. The name of the operation is not stored. A failed attempt that was renewed is
 * kept longer than rule 7 of {@link IdempotencyStore} asks for, by the time between its
 * claim and its last renewal.
 *
 * <p>
 * Safe for use by many threads. Connections are taken from the factory for each verb and
 * do not take part in transactions. A server that evicts keys, or a failover that loses
 * acknowledged writes, loses records: see {@link RedisEvictionCheck}.
 */
public final class RedisIdempotencyStore implements IdempotencyStore, AutoCloseable {

	/** The prefix of keys unless another one is given. */
	public static final String DEFAULT_PREFIX = "idempotency:";

	private static final Long ACQUIRED = 1L;

	/** A thousand years, in which no sum overflows. */
	private static final Duration FOREVER = Duration.ofDays(365_000);

	private static final byte[] NOTHING = {};

	private final LuaScript claim = new LuaScript("claim");

	private final LuaScript complete = new LuaScript("complete");

	private final LuaScript release = new LuaScript("release");

	private final LuaScript renew = new LuaScript("renew");

	private final LuaScript find = new LuaScript("find");

	private final LuaScript resolve = new LuaScript("resolve");

	private final RedisConnectionFactory connectionFactory;

	private final byte[] prefix;

	private final RedisCompletionSignals signals;

	/**
	 * Create a store with the {@linkplain #DEFAULT_PREFIX default prefix}.
	 * @param connectionFactory where Redis is; it stays the caller's
	 */
	public RedisIdempotencyStore(RedisConnectionFactory connectionFactory) {
		this(connectionFactory, DEFAULT_PREFIX);
	}

	/**
	 * Create a store.
	 * @param connectionFactory where Redis is; it stays the caller's
	 * @param prefix what keys and the channel begin with. Applications that share a
	 * server and not their records need different ones; all instances of an application
	 * need the same one, and lose their records when it changes
	 */
	public RedisIdempotencyStore(RedisConnectionFactory connectionFactory, String prefix) {
		this.connectionFactory = connectionFactory;
		this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
		this.signals = new RedisCompletionSignals(connectionFactory, prefix + "done");
	}

	@Override
	public String name() {
		return "redis";
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		List<Object> answer = this.claim.query(this.connectionFactory, key(request.id()),
				RecordFormat.owner(request.owner()), RecordFormat.fingerprint(request.fingerprint()),
				ascii(RecordFormat.state(request.policy(), request.fingerprint())), millis(request.lease()),
				millis(request.abandonedTtl()), ascii(request.waiting() ? 1 : 0));
		if (ACQUIRED.equals(answer.get(0))) {
			Lease lease = new Lease(request.id(), request.owner(), (Long) answer.get(1));
			return new ClaimResult.Acquired(lease, ((Long) answer.get(2)).intValue());
		}
		return new ClaimResult.Occupied(read(request.id(), answer));
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return this.complete.test(this.connectionFactory, key(lease.id()), RecordFormat.ticket(lease),
				ascii(RecordFormat.kind(outcome)), millis(ttl), RecordFormat.payload(outcome));
	}

	@Override
	public boolean release(Lease lease, Release how) {
		if (how instanceof Release.Failed failed) {
			return release(lease, RecordStatus.FAILED, RecordFormat.note(failed.note()));
		}
		if (how instanceof Release.Unknown unknown) {
			return release(lease, RecordStatus.UNKNOWN, RecordFormat.note(unknown.note()));
		}
		return release(lease, RecordStatus.IN_PROGRESS, NOTHING);
	}

	private boolean release(Lease lease, RecordStatus status, byte[] note) {
		return this.release.test(this.connectionFactory, key(lease.id()), RecordFormat.ticket(lease),
				ascii(RecordFormat.status(status)), note);
	}

	@Override
	public boolean renew(Lease lease, Duration extension) {
		return this.renew.test(this.connectionFactory, key(lease.id()), RecordFormat.ticket(lease), millis(extension));
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		List<Object> answer = this.find.query(this.connectionFactory, key(id));
		if (answer.isEmpty()) {
			return Optional.empty();
		}
		IdempotencyRecord record = read(id, answer);
		// A key may be seen in the millisecond of its expiry
		return record.readAt().isBefore(record.expiresAt()) ? Optional.of(record) : Optional.empty();
	}

	@Override
	public boolean resolve(RecordId id, long observedFence, Resolution how) {
		if (how instanceof Resolution.Complete complete) {
			return resolve(id, observedFence, ascii(RecordFormat.status(RecordStatus.COMPLETED)),
					ascii(RecordFormat.kind(complete.outcome())), millis(complete.ttl()),
					RecordFormat.payload(complete.outcome()));
		}
		return resolve(id, observedFence, ascii(RecordFormat.status(RecordStatus.FAILED)), ascii(0), ascii(0), NOTHING);
	}

	private boolean resolve(RecordId id, long observedFence, byte[] status, byte[] kind, byte[] ttl, byte[] payload) {
		List<Object> answer = this.resolve.query(this.connectionFactory, key(id), RecordFormat.fence(observedFence),
				RecordFormat.fence(observedFence + 1), status, kind, ttl, payload);
		if (answer.size() > 1) {
			RecordFormat.requireReadable(id, (byte[]) answer.get(1));
		}
		return ACQUIRED.equals(answer.get(0));
	}

	/**
	 * Return 0: every key has an expiry, and Redis removes what expired by itself.
	 */
	@Override
	public int purgeExpired(int limit) {
		return 0;
	}

	@Override
	public CompletionSignals signals() {
		return this.signals;
	}

	/**
	 * End the subscription, if there is one. The verbs still work, and waiters poll.
	 */
	@Override
	public void close() {
		this.signals.close();
	}

	private IdempotencyRecord read(RecordId id, List<Object> answer) {
		return RecordFormat.read(id, (byte[]) answer.get(1), (Long) answer.get(2), (Long) answer.get(3));
	}

	private byte[] key(RecordId id) {
		byte[] hex = id.toHex().getBytes(StandardCharsets.ISO_8859_1);
		byte[] key = Arrays.copyOf(this.prefix, this.prefix.length + hex.length);
		System.arraycopy(hex, 0, key, this.prefix.length, hex.length);
		return key;
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

}
