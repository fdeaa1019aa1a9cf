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

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

/**
 * Cuts off statements that take too long. A driver that sets a timer for each statement
 * wakes a thread for it, which costs more than the statement itself; here one look at all
 * that are running, ten times a second while there are any, does for all of them.
 * <p>
 * Safe for use by many threads. The looks are taken by the JDK's own timer thread, so
 * that there is nothing to close.
 */
final class StatementWatch {

	private static final long INTERVAL_MILLIS = 100;

	private final Set<BoundedStatement> running = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean looking = new AtomicBoolean();

	/**
	 * Watch a statement from now on until it is closed.
	 * @param statement the statement
	 * @param limit after which time it is cancelled
	 * @param lent the connection to abort if the server does not even hear the
	 * cancellation, or {@code null} if it is not ours to abort
	 * @return the statement, to close
	 */
	BoundedStatement watch(PreparedStatement statement, Duration limit, @Nullable Connection lent) {
		BoundedStatement watched = new BoundedStatement(statement, lent, this, System.nanoTime() + limit.toNanos());
		this.running.add(watched);
		lookIfNobodyDoes();
		return watched;
	}

	void ended(BoundedStatement statement) {
		this.running.remove(statement);
	}

	private void lookIfNobodyDoes() {
		if (!this.looking.get() && this.looking.compareAndSet(false, true)) {
			lookLater();
		}
	}

	private void lookLater() {
		CompletableFuture.delayedExecutor(INTERVAL_MILLIS, TimeUnit.MILLISECONDS, Runnable::run).execute(this::look);
	}

	private void look() {
		try {
			long now = System.nanoTime();
			this.running.forEach((statement) -> statement.check(now));
		}
		finally {
			lookAgainIfNeeded();
		}
	}

	private void lookAgainIfNeeded() {
		if (!this.running.isEmpty()) {
			lookLater();
			return;
		}
		this.looking.set(false);
		// One that began meanwhile may have seen that somebody looks
		if (!this.running.isEmpty()) {
			lookIfNobodyDoes();
		}
	}

}
