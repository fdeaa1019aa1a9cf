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

package io.idempotency.maintenance;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.idempotency.store.IdempotencyStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * Removes expired records now and then, on one thread and one connection: small batches
 * with a pause between them, so that traffic comes first. Every instance of an
 * application may do it; the stores see to it that they do not get in each other's way.
 */
public final class ExpiredRecordPurge implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(ExpiredRecordPurge.class);

	private final Supplier<? extends Collection<IdempotencyStore>> stores;

	private final Duration interval;

	private final int batchSize;

	private final Duration batchPause;

	private volatile @Nullable ScheduledExecutorService scheduler;

	/**
	 * Create the purge.
	 * @param stores the stores that are in use
	 * @param interval the pause between two rounds
	 * @param batchSize how many records one statement removes
	 * @param batchPause the pause between two statements of a round
	 */
	public ExpiredRecordPurge(Supplier<? extends Collection<IdempotencyStore>> stores, Duration interval, int batchSize,
			Duration batchPause) {
		if (interval.isZero() || interval.isNegative() || batchSize < 1 || batchPause.isNegative()) {
			throw new IllegalArgumentException("idempotency.sql.purge needs a positive interval and batch-size and a "
					+ "batch-pause of 0 or more, not " + interval + ", " + batchSize + ", " + batchPause);
		}
		this.stores = stores;
		this.interval = interval;
		this.batchSize = batchSize;
		this.batchPause = batchPause;
	}

	@Override
	public synchronized void start() {
		if (this.scheduler == null) {
			ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor((task) -> {
				Thread thread = new Thread(task, "idempotency-purge");
				thread.setDaemon(true);
				return thread;
			});
			this.scheduler = executor;
			schedule(executor, this.interval);
		}
	}

	@Override
	public synchronized void stop() {
		ScheduledExecutorService executor = this.scheduler;
		if (executor != null) {
			executor.shutdownNow();
			this.scheduler = null;
		}
	}

	@Override
	public boolean isRunning() {
		return this.scheduler != null;
	}

	/**
	 * Remove one batch from each store.
	 * @return whether there may be more
	 */
	boolean purgeBatch() {
		boolean more = false;
		for (IdempotencyStore store : this.stores.get()) {
			try {
				more |= store.purgeExpired(this.batchSize) >= this.batchSize;
			}
			catch (RuntimeException | Error ex) {
				logger.warn("Expired records of store '" + store.name() + "' could not be removed; trying again in "
						+ this.interval, ex);
			}
		}
		return more;
	}

	private void schedule(ScheduledExecutorService executor, Duration delay) {
		executor.schedule(() -> round(executor), TimeUnit.NANOSECONDS.convert(delay), TimeUnit.NANOSECONDS);
	}

	private void round(ScheduledExecutorService executor) {
		Duration pause = this.interval;
		try {
			pause = purgeBatch() ? this.batchPause : this.interval;
		}
		catch (RuntimeException | Error ex) {
			logger.warn("Expired records could not be removed; trying again in " + this.interval, ex);
		}
		finally {
			if (!executor.isShutdown()) {
				schedule(executor, pause);
			}
		}
	}

}
