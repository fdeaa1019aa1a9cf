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

package io.idempotency.engine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.store.IdempotencyStore;
import org.jspecify.annotations.Nullable;

/**
 * The engine's few threads. Each store has its own, so that one that hangs delays nothing
 * in another: one thread that renews leases, so that nothing delays a renewal, and some
 * that settle asynchronous results and repeat writes. They are daemons and end when they
 * are idle.
 */
final class BackgroundThreads implements AutoCloseable {

	private static final int SETTLING_THREADS = 4;

	private final Map<IdempotencyStore, OfStore> byStore = new ConcurrentHashMap<>();

	private boolean closed;

	/**
	 * Return the threads that work with a store.
	 * @param store the store
	 * @return its threads, which take nothing more when the engine is closed
	 */
	OfStore of(IdempotencyStore store) {
		OfStore threads = this.byStore.get(store);
		return (threads != null) ? threads : begin(store);
	}

	private synchronized OfStore begin(IdempotencyStore store) {
		OfStore threads = this.byStore.computeIfAbsent(store, (each) -> new OfStore(each.name()));
		if (this.closed) {
			threads.end();
		}
		return threads;
	}

	@Override
	public synchronized void close() {
		this.closed = true;
		this.byStore.values().forEach(OfStore::end);
	}

	/**
	 * Do something later, or never if the engine is closed: then leases lapse, and the
	 * records decide.
	 * @param executor the threads to do it on
	 * @param task what to do
	 * @param nanos after how long
	 * @return the task, or {@code null} if the engine is closed
	 */
	static @Nullable Future<?> later(ScheduledExecutorService executor, Runnable task, long nanos) {
		try {
			return executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			return null;
		}
	}

	/**
	 * The threads that work with one store.
	 *
	 * @param renewing renews leases
	 * @param settling settles and repeats
	 */
	record OfStore(Alarms renewing, ScheduledExecutorService settling) {

		private OfStore(String store) {
			this(new Alarms(pool("idempotency-renew-" + store + "-", 1)),
					pool("idempotency-settle-" + store + "-", SETTLING_THREADS));
		}

		private void end() {
			this.renewing.end();
			this.settling.shutdown();
		}

		private static ScheduledThreadPoolExecutor pool(String prefix, int size) {
			AtomicInteger count = new AtomicInteger();
			ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(size, (task) -> {
				Thread thread = new Thread(task, prefix + count.incrementAndGet());
				thread.setDaemon(true);
				return thread;
			});
			pool.setRemoveOnCancelPolicy(true);
			pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
			pool.setKeepAliveTime(30, TimeUnit.SECONDS);
			pool.allowCoreThreadTimeOut(true);
			return pool;
		}

	}

}
