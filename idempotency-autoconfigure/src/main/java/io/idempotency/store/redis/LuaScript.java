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

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.ReturnType;

/**
 * A verb as a script, of files beside this class: called by its digest, and sent whole
 * where the server does not know it yet, does not know it any more, or is another one
 * after a failover.
 */
final class LuaScript {

	private final byte[] source;

	private final String sha1;

	private LuaScript(String... files) {
		this.source = Stream.of(files)
			.map(LuaScript::read)
			.collect(Collectors.joining())
			.getBytes(StandardCharsets.UTF_8);
		this.sha1 = sha1(this.source);
	}

	/**
	 * Return the script that files make up. A file with a function {@code verb} is
	 * followed by {@code one} or {@code many}, which carry that out on one key or on many
	 * that lie on one server; what it shares with others is in {@code record}, before it.
	 * @param files their names, in the order in which they are put together
	 * @return the script
	 */
	static LuaScript of(String... files) {
		return new LuaScript(files);
	}

	String sha1() {
		return this.sha1;
	}

	byte[] source() {
		return this.source;
	}

	/**
	 * Run a script that answers with a truth value.
	 * @param factory where to run it
	 * @param keyAndArguments the one key, then the arguments
	 * @return whether the answer is 1
	 */
	boolean test(RedisConnectionFactory factory, byte[]... keyAndArguments) {
		Long answer = run(factory, ReturnType.INTEGER, 1, keyAndArguments);
		return answer != null && answer == 1;
	}

	/**
	 * Run a script that answers with several values.
	 * @param factory where to run it
	 * @param keyAndArguments the one key, then the arguments
	 * @return the values, {@link Long} or {@code byte[]}
	 */
	List<Object> query(RedisConnectionFactory factory, byte[]... keyAndArguments) {
		return query(factory, 1, keyAndArguments);
	}

	/**
	 * Run a script that answers with several values.
	 * @param factory where to run it
	 * @param keys how many keys there are
	 * @param keysAndArguments the keys, then the arguments
	 * @return the values, {@link Long}, {@code byte[]} or lists of them
	 */
	List<Object> query(RedisConnectionFactory factory, int keys, byte[]... keysAndArguments) {
		List<Object> answer = run(factory, ReturnType.MULTI, keys, keysAndArguments);
		return (answer != null) ? answer : List.of();
	}

	private <T> @Nullable T run(RedisConnectionFactory factory, ReturnType type, int keys, byte[]... keyAndArguments) {
		try (RedisConnection connection = factory.getConnection()) {
			try {
				return connection.scriptingCommands().evalSha(this.sha1, type, keys, keyAndArguments);
			}
			catch (DataAccessException ex) {
				if (!isMissing(ex)) {
					throw ex;
				}
				return connection.scriptingCommands().eval(this.source, type, keys, keyAndArguments);
			}
		}
	}

	/**
	 * Return whether a script failed because the server does not know it.
	 * @param failure what was thrown
	 * @return whether it is to be sent whole
	 */
	static boolean isMissing(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			String message = cause.getMessage();
			if (message != null && message.contains("NOSCRIPT")) {
				return true;
			}
		}
		return false;
	}

	private static String read(String name) {
		String file = name + ".lua";
		try (InputStream script = LuaScript.class.getResourceAsStream(file)) {
			if (script == null) {
				throw new IllegalStateException(file + " is missing beside " + LuaScript.class.getName());
			}
			// A checkout may have changed the line ends, which must not change the digest
			return new String(script.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String sha1(byte[] bytes) {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
