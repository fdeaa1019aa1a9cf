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

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.NonBlockingStore.NonBlockingVerbs;
import io.idempotency.store.Release;
import io.idempotency.store.StoredOutcome;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.dao.QueryTimeoutException;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.ReactiveScriptingCommands;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The scripts by the reactive driver. To connect blocks, so the first connection, and the
 * one after a failure, is taken on another thread.
 */
final class RedisNonBlockingVerbs implements NonBlockingVerbs {

	private final LuaScript claim;

	private final LuaScript complete;

	private final LuaScript release;

	private final Messages messages;

	private final ReactiveRedisConnectionFactory connectionFactory;

	/** As for the blocking verbs, whatever the client's own options say. */
	private final Duration timeout;

	private final boolean asksBeforeUse;

	private volatile boolean connected;

	RedisNonBlockingVerbs(ReactiveRedisConnectionFactory connectionFactory, Messages messages, LuaScript claim,
			LuaScript complete, LuaScript release) {
		this.connectionFactory = connectionFactory;
		this.messages = messages;
		this.claim = claim;
		this.complete = complete;
		this.release = release;
		LettuceConnectionFactory lettuce = (connectionFactory instanceof LettuceConnectionFactory factory) ? factory
				: null;
		this.timeout = Duration.ofMillis((lettuce != null) ? lettuce.getTimeout() : 0);
		this.asksBeforeUse = lettuce != null && lettuce.getValidateConnection();
	}

	@Override
	public CompletionStage<ClaimResult> claim(ClaimRequest request) {
		return run(this.claim, ReturnType.MULTI, this.messages.claim(request))
			.map((answer) -> Messages.claimed(request, answer))
			.toFuture();
	}

	@Override
	public CompletionStage<Boolean> complete(Lease lease, StoredOutcome outcome, Duration ttl) {
		return test(this.complete, this.messages.complete(lease, outcome, ttl));
	}

	@Override
	public CompletionStage<Boolean> release(Lease lease, Release how) {
		return test(this.release, this.messages.release(lease, how));
	}

	private CompletionStage<Boolean> test(LuaScript script, byte[][] message) {
		return run(script, ReturnType.INTEGER, message).map((answer) -> answer.contains(Messages.YES)).toFuture();
	}

	private Mono<List<Object>> run(LuaScript script, ReturnType type, byte[][] message) {
		Mono<List<Object>> answer = Mono.usingWhen(connection(),
				(connection) -> bounded(run(connection.scriptingCommands(), script, type, message)
					.flatMapIterable(RedisNonBlockingVerbs::values)
					.map(RedisNonBlockingVerbs::bytes)
					.collectList()),
				ReactiveRedisConnection::closeLater);
		return answer.doOnError((ex) -> this.connected = false);
	}

	private static Flux<Object> run(ReactiveScriptingCommands commands, LuaScript script, ReturnType type,
			byte[][] message) {
		return commands.evalSha(script.sha1(), type, 1, buffers(message))
			.onErrorResume(LuaScript::isMissing,
					(ex) -> commands.eval(ByteBuffer.wrap(script.source()), type, 1, buffers(message)));
	}

	private Mono<ReactiveRedisConnection> connection() {
		Mono<ReactiveRedisConnection> connection = Mono.fromSupplier(this.connectionFactory::getReactiveConnection);
		if (this.connected && !this.asksBeforeUse) {
			return connection;
		}
		return connection.doOnNext((unused) -> this.connected = true).subscribeOn(Schedulers.boundedElastic());
	}

	private <T> Mono<T> bounded(Mono<T> answer) {
		if (this.timeout.isZero() || this.timeout.isNegative()) {
			return answer;
		}
		return answer.timeout(this.timeout, Mono.error(() -> new QueryTimeoutException(
				"Redis did not answer within " + this.timeout.toMillis() + " ms, the time-out of its commands")));
	}

	private static ByteBuffer[] buffers(byte[][] message) {
		return Arrays.stream(message).map(ByteBuffer::wrap).toArray(ByteBuffer[]::new);
	}

	/** Several values may come at once or one by one, as the driver likes. */
	private static List<?> values(Object answer) {
		return (answer instanceof List<?> all) ? all : List.of(answer);
	}

	private static Object bytes(Object value) {
		if (value instanceof ByteBuffer buffer) {
			byte[] bytes = new byte[buffer.remaining()];
			buffer.duplicate().get(bytes);
			return bytes;
		}
		return value;
	}

}
