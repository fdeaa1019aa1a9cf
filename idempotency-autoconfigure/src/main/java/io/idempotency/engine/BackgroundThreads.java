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

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * The engine's few threads: one that renews leases, so that nothing delays a renewal, and
 * some that settle asynchronous results and repeat writes. They are daemons and end when
 * they are idle.
 *
 * @param renewing renews leases
 * @param settling settles and repeats
 */
record BackgroundThreads(ScheduledExecutorService renewing,
		ScheduledExecutorService settling) implements AutoCloseable {

	private static final int SETTLING_THREADS = 4;

	BackgroundThreads() {
		this(pool("idempotency-renew-", 1), pool("idempotency-settle-", SETTLING_THREADS));
	}

	@Override
	public void close() {
		this.renewing.shutdownNow();
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

}
