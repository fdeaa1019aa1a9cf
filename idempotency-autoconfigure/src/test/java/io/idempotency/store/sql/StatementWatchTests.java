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

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link StatementWatch} and {@link BoundedStatement}, with statements that
 * only tell what is done to them: a driver's own could not be held in the middle of a
 * cancellation.
 */
class StatementWatchTests {

	private static final Duration AT_ONCE = Duration.ofMillis(1);

	private final Queue<String> done = new ConcurrentLinkedQueue<>();

	private final CountDownLatch cancelling = new CountDownLatch(1);

	private final CountDownLatch cancelled = new CountDownLatch(1);

	@Test
	void statementThatTakesTooLongIsCancelled() throws Exception {
		this.cancelled.countDown();

		try (BoundedStatement statement = new StatementWatch().watch(statement(), AT_ONCE, null)) {
			assertThat(statement).isNotNull();
			await().atMost(Duration.ofSeconds(10)).until(() -> this.done.contains("cancelled"));
		}

		assertThat(this.done).containsExactly("cancelled", "closed");
	}

	@Test
	void cancellationThatIsUnderWayEndsBeforeTheStatement() throws Exception {
		BoundedStatement statement = new StatementWatch().watch(statement(), AT_ONCE, null);
		assertThat(this.cancelling.await(10, TimeUnit.SECONDS)).isTrue();

		Thread closing = new Thread(() -> close(statement));
		closing.start();
		await().atMost(Duration.ofSeconds(10)).until(() -> closing.getState() == Thread.State.WAITING);
		this.cancelled.countDown();
		closing.join();

		assertThat(this.done).containsExactly("cancelled", "closed");
	}

	@Test
	void connectionWhoseServerIsDeafIsAbortedAndNotWaitedFor() throws Exception {
		BoundedStatement statement = new StatementWatch().watch(statement(), AT_ONCE, connection());
		assertThat(this.cancelling.await(10, TimeUnit.SECONDS)).isTrue();
		await().atMost(Duration.ofSeconds(10)).until(() -> this.done.contains("aborted"));

		CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> close(statement));

		assertThat(closed).succeedsWithin(Duration.ofSeconds(10));
		assertThat(this.done).containsExactly("aborted", "closed");
		this.cancelled.countDown();
	}

	@Test
	void statementThatEndedIsLeftAlone() throws Exception {
		StatementWatch watch = new StatementWatch();
		BoundedStatement statement = watch.watch(statement(), AT_ONCE, connection());
		statement.close();

		statement.check(System.nanoTime() + TimeUnit.HOURS.toNanos(1));

		assertThat(this.done).containsExactly("closed");
	}

	private static void close(BoundedStatement statement) {
		try {
			statement.close();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private PreparedStatement statement() {
		return proxy(PreparedStatement.class, (proxy, method, arguments) -> {
			if (method.getName().equals("cancel")) {
				this.cancelling.countDown();
				this.cancelled.await(30, TimeUnit.SECONDS);
				this.done.add("cancelled");
			}
			else {
				this.done.add(method.getName() + "d");
			}
			return null;
		});
	}

	private Connection connection() {
		return proxy(Connection.class, (proxy, method, arguments) -> {
			this.done.add(method.getName() + "ed");
			return null;
		});
	}

	private static <T> T proxy(Class<T> type, InvocationHandler handler) {
		return type
			.cast(Proxy.newProxyInstance(StatementWatchTests.class.getClassLoader(), new Class<?>[] { type }, handler));
	}

}
