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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Verbs on many records. Where all keys lie on one server, one script is told of all of
 * them, which is one command. In a Cluster they lie anywhere: there each is a command of
 * its own, and with a driver that need not wait, all are sent before any answer is
 * awaited.
 */
final class ManyRecords {

	private final RedisConnectionFactory connectionFactory;

	/** Whether the keys are spread over servers, once that is known. */
	private volatile @Nullable Boolean spread;

	ManyRecords(RedisConnectionFactory connectionFactory) {
		this.connectionFactory = connectionFactory;
	}

	/**
	 * Carry out a verb by one script.
	 * @param script the script for many keys
	 * @param messages for each record its key and its arguments
	 * @return the answers in the same order, or {@code null} if one script cannot reach
	 * all of the keys, in which case nothing was done
	 */
	@Nullable List<Object> byOneScript(LuaScript script, List<byte[][]> messages) {
		if (messages.isEmpty()) {
			return List.of();
		}
		if (spread()) {
			return null;
		}
		try {
			return script.query(this.connectionFactory, messages.size(), joined(messages));
		}
		catch (DataAccessException ex) {
			if (!String.valueOf(ex.getMostSpecificCause().getMessage()).contains("CROSSSLOT")) {
				throw ex;
			}
			this.spread = true; // a proxy in front of a Cluster looks like one server
			return null;
		}
	}

	/**
	 * Carry out a verb by a command for each record, all of them on their way at once.
	 * @param <A> what is asked for each record
	 * @param <B> what is answered for each
	 * @param asked what is asked
	 * @param verb sends it and does not wait
	 * @return the answers in the same order
	 */
	static <A, B> List<B> atOnce(List<A> asked, Function<A, CompletionStage<B>> verb) {
		List<CompletableFuture<B>> sent = asked.stream().map((each) -> verb.apply(each).toCompletableFuture()).toList();
		try {
			return sent.stream().map(CompletableFuture::join).toList();
		}
		catch (CompletionException ex) {
			throw (ex.getCause() instanceof RuntimeException failure) ? failure : ex;
		}
	}

	private boolean spread() {
		Boolean known = this.spread;
		if (known == null) {
			try (RedisConnection connection = this.connectionFactory.getConnection()) {
				known = connection instanceof RedisClusterConnection;
			}
			this.spread = known;
		}
		return known;
	}

	private static byte[][] joined(List<byte[][]> messages) {
		List<byte[]> all = new ArrayList<>();
		messages.forEach((message) -> all.add(message[0]));
		for (byte[][] message : messages) {
			all.addAll(List.of(message).subList(1, message.length));
		}
		return all.toArray(byte[][]::new);
	}

}
