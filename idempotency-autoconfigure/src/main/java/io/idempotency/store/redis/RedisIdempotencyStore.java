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

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.CompletionSignals;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.NonBlockingStore;
import io.idempotency.store.RecordId;
import io.idempotency.store.Release;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import io.idempotency.store.Write;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.util.ClassUtils;

/**
 * Keeps records in Redis 6 or later, each as one string under the prefix and the 64
 * hexadecimal characters of its id, and each with an expiry. A verb is one script on one
 * key, so it is atomic, works in a Redis Cluster, and takes its time from the server: a
 * first run costs a claim and a completion, a duplicate one claim that writes nothing.
 *
 * <p>
 * A verb on many records is one script, told of all their keys, and so one command; that
 * keeps the server busy for a few microseconds per record. In a Cluster, where a script
 * reaches only keys of one slot, each record is a command of its own, and with the driver
 * Lettuce all of them are sent before any answer is awaited.
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
public final class RedisIdempotencyStore implements NonBlockingStore, AutoCloseable {

	/** The prefix of keys unless another one is given. */
	public static final String DEFAULT_PREFIX = "idempotency:";

	private static final boolean REACTIVE = ClassUtils.isPresent("reactor.core.publisher.Mono",
			RedisIdempotencyStore.class.getClassLoader());

	private final LuaScript claim = LuaScript.of("claim", "one");

	private final LuaScript complete = LuaScript.of("record", "complete", "one");

	private final LuaScript release = LuaScript.of("record", "release", "one");

	private final LuaScript renew = LuaScript.of("record", "renew", "one");

	private final LuaScript checkpoint = LuaScript.of("record", "checkpoint");

	private final LuaScript find = LuaScript.of("find");

	private final LuaScript resolve = LuaScript.of("record", "resolve");

	private final LuaScript claimMany = LuaScript.of("claim", "many");

	private final LuaScript completeMany = LuaScript.of("record", "complete", "many");

	private final LuaScript releaseMany = LuaScript.of("record", "release", "many");

	private final LuaScript renewMany = LuaScript.of("record", "renew", "many");

	private final RedisConnectionFactory connectionFactory;

	private final ManyRecords many;

	private final Messages messages;

	private final RedisCompletionSignals signals;

	private final @Nullable NonBlockingVerbs nonBlocking;

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
		this.many = new ManyRecords(connectionFactory);
		this.messages = new Messages(prefix);
		this.signals = new RedisCompletionSignals(connectionFactory, prefix + "done");
		this.nonBlocking = (REACTIVE && connectionFactory instanceof ReactiveRedisConnectionFactory reactive)
				? new RedisNonBlockingVerbs(reactive, this.messages, this.claim, this.complete, this.release) : null;
	}

	@Override
	public String name() {
		return "redis";
	}

	@Override
	public ClaimResult claim(ClaimRequest request) {
		return Messages.claimed(request, this.claim.query(this.connectionFactory, this.messages.claim(request)));
	}

	@Override
	public boolean complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return this.complete.test(this.connectionFactory, this.messages.complete(lease, outcome, ttl));
	}

	@Override
	public boolean release(Lease lease, Release how) {
		return this.release.test(this.connectionFactory, this.messages.release(lease, how));
	}

	@Override
	public boolean renew(Lease lease, Duration extension) {
		return this.renew.test(this.connectionFactory, this.messages.renew(lease, extension));
	}

	@Override
	public List<ClaimResult> claimAll(List<ClaimRequest> requests) {
		RecordId.requireDistinct(requests.stream().map(ClaimRequest::id).toList());
		List<Object> answers = this.many.byOneScript(this.claimMany,
				requests.stream().map(this.messages::claim).toList());
		if (answers != null) {
			return IntStream.range(0, requests.size())
				.mapToObj((i) -> Messages.claimedOrRefused(requests.get(i), Messages.values(answers.get(i))))
				.toList();
		}
		NonBlockingVerbs verbs = this.nonBlocking;
		return (verbs != null) ? ManyRecords.atOnce(requests, (request) -> Messages.orRefused(verbs.claim(request)))
				: NonBlockingStore.super.claimAll(requests);
	}

	@Override
	public List<Boolean> writeAll(List<Write> writes) {
		RecordId.requireDistinct(writes.stream().map((write) -> write.lease().id()).toList());
		Map<RecordId, Boolean> mine = new HashMap<>();
		List<Write.Completion> completions = Messages.only(Write.Completion.class, writes);
		List<Write.GivingBack> releases = Messages.only(Write.GivingBack.class, writes);
		boolean written = written(this.completeMany, completions, this.messages::complete, mine)
				&& written(this.releaseMany, releases, this.messages::release, mine);
		if (written) {
			return writes.stream().map((write) -> mine.getOrDefault(write.lease().id(), false)).toList();
		}
		NonBlockingVerbs verbs = this.nonBlocking;
		return (verbs != null) ? ManyRecords.atOnce(writes, (write) -> write.by(verbs))
				: NonBlockingStore.super.writeAll(writes);
	}

	private <W extends Write> boolean written(LuaScript script, List<W> writes, Function<W, byte[][]> message,
			Map<RecordId, Boolean> mine) {
		List<Object> answers = this.many.byOneScript(script, writes.stream().map(message).toList());
		for (int i = 0; answers != null && i < writes.size(); i++) {
			mine.put(writes.get(i).lease().id(), Messages.YES.equals(answers.get(i)));
		}
		return answers != null;
	}

	@Override
	public List<Boolean> renewAll(List<Lease> leases, Duration extension) {
		RecordId.requireDistinct(leases.stream().map(Lease::id).toList());
		List<Object> answers = this.many.byOneScript(this.renewMany,
				leases.stream().map((lease) -> this.messages.renew(lease, extension)).toList());
		return (answers != null) ? answers.stream().map(Messages.YES::equals).toList()
				: NonBlockingStore.super.renewAll(leases, extension);
	}

	@Override
	public boolean checkpoint(Lease lease, String step, StoredOutcome outcome) {
		return this.checkpoint.test(this.connectionFactory, this.messages.checkpoint(lease, step, outcome));
	}

	@Override
	public Optional<IdempotencyRecord> find(RecordId id) {
		List<Object> answer = this.find.query(this.connectionFactory, this.messages.key(id));
		if (answer.isEmpty()) {
			return Optional.empty();
		}
		IdempotencyRecord record = Messages.read(id, answer);
		// A key may be seen in the millisecond of its expiry
		return record.readAt().isBefore(record.expiresAt()) ? Optional.of(record) : Optional.empty();
	}

	@Override
	public boolean resolve(RecordId id, long observedFence, Resolution how) {
		List<Object> answer = this.resolve.query(this.connectionFactory, this.messages.resolve(id, observedFence, how));
		if (answer.size() > 1) {
			RecordFormat.requireReadable(id, (byte[]) answer.get(1));
		}
		return Messages.YES.equals(answer.get(0));
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
	 * Return the verbs by the reactive driver, where the connection factory has one, as
	 * that of Lettuce does.
	 */
	@Override
	public @Nullable NonBlockingVerbs nonBlocking() {
		return this.nonBlocking;
	}

	/**
	 * End the subscription, if there is one. The verbs still work, and waiters poll.
	 */
	@Override
	public void close() {
		this.signals.close();
	}

}
