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

package io.idempotency.step;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.OperationSpec;
import io.idempotency.step.Attempts.Declined;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.redis.RedisIdempotencyStore;
import io.idempotency.store.sql.SqlIdempotencyStore;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/**
 * A profile update of three steps, which ends well or fails for good after them. Run by
 * {@link #main}, several stop at a point of theirs; when all have, the JVM dies, and
 * nothing in it gets a chance to clean up.
 */
final class KilledWork implements AutoCloseable {

	static final int DEAD = 137;

	static final List<String> STEPS = List.of("save", "index", "announce");

	/** Far longer than a round trip, and not long to wait for. */
	private static final Duration LEASE = Duration.ofMillis(1500);

	private final IdempotencyEngine engine;

	private final IdempotencyStore store;

	private final Ledger ledger;

	private final AutoCloseable connections;

	private KilledWork(IdempotencyStore store, DefaultListableBeanFactory beans, Ledger ledger,
			AutoCloseable connections) {
		this.engine = new IdempotencyEngine(new Jackson3OutcomeCodec(JsonMapper.builder().build()), List.of(), false,
				new RecordedStepsFactory(beans));
		this.store = store;
		this.ledger = ledger;
		this.connections = connections;
	}

	static KilledWork on(String technology, String url) {
		return technology.equals("redis") ? onRedis(url) : onPostgres(url);
	}

	private static KilledWork onPostgres(String url) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(url);
		DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
		beans.registerSingleton("transactionManager", new DataSourceTransactionManager(dataSource));
		return new KilledWork(SqlIdempotencyStore.on(dataSource).build(), beans,
				new InTransactions(new JdbcTemplate(dataSource)), () -> {
				});
	}

	private static KilledWork onRedis(String url) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(
				LettuceConnectionFactory.createRedisConfiguration(url));
		factory.afterPropertiesSet();
		factory.start();
		return new KilledWork(new RedisIdempotencyStore(factory), new DefaultListableBeanFactory(),
				new ByKey(new StringRedisTemplate(factory)), factory::destroy);
	}

	/** Where the work may die, if it ends well or if it fails for good. */
	static List<String> points(boolean fails) {
		Stream<String> steps = STEPS.stream()
			.flatMap((step) -> Stream.of("before " + step, "in " + step, "after " + step));
		Stream<String> undone = IntStream.iterate(2, (i) -> i >= 0, (i) -> i - 1)
			.mapToObj(STEPS::get)
			.flatMap((step) -> Stream.of("before undoing " + step, "in undoing " + step));
		return (fails ? undone : steps).toList();
	}

	/**
	 * Run.
	 * @param args the technology and where it is, then for each update its key, whether
	 * it fails, and the point where it stops
	 */
	public static void main(String[] args) throws Exception {
		KilledWork work = on(args[0], args[1]);
		CountDownLatch arrivals = new CountDownLatch((args.length - 2) / 3);
		for (int i = 2; i < args.length; i += 3) {
			String key = args[i];
			boolean fails = Boolean.parseBoolean(args[i + 1]);
			String stopAt = args[i + 2];
			new Thread(() -> work.updateUntil(key, fails, stopAt, arrivals)).start();
		}
		if (arrivals.await(60, TimeUnit.SECONDS)) {
			Runtime.getRuntime().halt(DEAD);
		}
		Runtime.getRuntime().halt(1);
	}

	private void updateUntil(String key, boolean fails, String stopAt, CountDownLatch arrivals) {
		try {
			update(key, fails, (point) -> {
				if (point.equals(stopAt)) {
					arrivals.countDown();
					while (true) {
						LockSupport.park();
					}
				}
			});
		}
		catch (Throwable ex) {
			ex.printStackTrace();
		}
	}

	@Nullable Object update(String key, boolean fails, Consumer<String> at) throws Throwable {
		OperationSpec spec = OperationSpec.of("profile-update", String.class, false,
				OperationSettings.builder()
					.lease(LEASE)
					.waitTimeout(Duration.ofSeconds(20))
					.rememberFailures(List.of(Declined.class))
					.build(),
				this.store);
		return this.engine.execute(GuardedCall.of(spec, "", key, null, Instant.now(), GuardedCall.KEEP_ALL), () -> {
			DurableSteps steps = IdempotencyContext.current().orElseThrow().steps();
			StringBuilder results = new StringBuilder();
			for (String name : STEPS) {
				results.append(step(steps, key, name, at));
			}
			if (fails) {
				throw new Declined("not allowed");
			}
			return results.toString();
		});
	}

	private String step(DurableSteps steps, String key, String name, Consumer<String> at) {
		at.accept("before " + name);
		DurableSteps.Completed<String> step = this.ledger.step(steps, name).run(String.class, () -> {
			this.ledger.write(key, name);
			at.accept("in " + name);
			return name + ";";
		});
		step.compensateWith((result) -> {
			at.accept("before undoing " + name);
			this.ledger.write(key, "undo " + result);
			at.accept("in undoing " + name);
		});
		at.accept("after " + name);
		return step.value();
	}

	List<String> ledger(String key) {
		return this.ledger.read(key);
	}

	@Override
	public void close() throws Exception {
		this.engine.close();
		this.connections.close();
	}

	/**
	 * What was done, each time that it was.
	 */
	private interface Ledger {

		DurableSteps.Step step(DurableSteps steps, String name);

		void write(String key, String what);

		List<String> read(String key);

	}

	/** Every effect counts, and is committed with its step. */
	private record InTransactions(JdbcTemplate jdbc) implements Ledger {

		@Override
		public DurableSteps.Step step(DurableSteps steps, String name) {
			return steps.step(name).transactional();
		}

		@Override
		public void write(String key, String what) {
			this.jdbc.update("INSERT INTO ledger (work, what) VALUES (?, ?)", key, what);
		}

		@Override
		public List<String> read(String key) {
			return this.jdbc.queryForList("SELECT what FROM ledger WHERE work = ? ORDER BY number", String.class, key);
		}

	}

	/** Another system, which knows a repetition by its derived key. */
	private record ByKey(StringRedisTemplate redis) implements Ledger {

		@Override
		public DurableSteps.Step step(DurableSteps steps, String name) {
			return steps.step(name);
		}

		@Override
		public void write(String key, String what) {
			String derived = IdempotencyContext.current().orElseThrow().deriveKey(what);
			if (Boolean.TRUE.equals(this.redis.opsForValue().setIfAbsent("seen:" + derived, "yes"))) {
				this.redis.opsForList().rightPush("ledger:" + key, what);
			}
		}

		@Override
		public List<String> read(String key) {
			return this.redis.opsForList().range("ledger:" + key, 0, -1);
		}

	}

}
