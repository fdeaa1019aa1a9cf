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

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import io.idempotency.store.IdempotencyStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Renews the leases of work that outlives a third of its lease. One thread does it for
 * all leases in a store, so that it never takes more than one connection, and a store
 * that hangs delays the renewals in no other.
 */
final class LeaseKeeper {

	private static final Log logger = LogFactory.getLog(LeaseKeeper.class);

	private static final int RENEWALS_PER_LEASE = 3;

	private final BackgroundThreads threads;

	private final LongSupplier nanoTime;

	private final IdempotencyListener listener;

	LeaseKeeper(BackgroundThreads threads, LongSupplier nanoTime, IdempotencyListener listener) {
		this.threads = threads;
		this.nanoTime = nanoTime;
		this.listener = listener;
	}

	Kept keep(RunContext run) {
		Kept kept = new Kept(run);
		kept.renewAfter(kept.third);
		return kept;
	}

	/**
	 * A lease that is being kept until the work is over.
	 */
	final class Kept {

		private final RunContext run;

		private final Lock lock = new ReentrantLock();

		private final Alarms alarms;

		private final long third;

		private Alarms.@Nullable Alarm next;

		private boolean stopped;

		private Kept(RunContext run) {
			this.run = run;
			this.alarms = LeaseKeeper.this.threads.of(run.call().spec().store()).renewing();
			this.third = run.call().spec().lease().toNanos() / RENEWALS_PER_LEASE;
		}

		/**
		 * Stop renewing. A renewal that is under way ends first, so that it cannot meet
		 * the completion that follows.
		 */
		void stop() {
			this.lock.lock();
			stopAndUnlock();
		}

		/**
		 * Stop renewing, unless that would have to wait for a renewal.
		 * @return whether it is stopped
		 */
		boolean tryStop() {
			if (!this.lock.tryLock()) {
				return false;
			}
			stopAndUnlock();
			return true;
		}

		private void stopAndUnlock() {
			try {
				this.stopped = true;
				if (this.next != null) {
					this.next.cancel();
				}
			}
			finally {
				this.lock.unlock();
			}
		}

		private void renewAfter(long nanos) {
			this.lock.lock();
			try {
				if (!this.stopped) {
					this.next = this.alarms.after(nanos, this::renewUnlessStopped);
				}
			}
			finally {
				this.lock.unlock();
			}
		}

		private void renewUnlessStopped() {
			this.lock.lock();
			try {
				if (!this.stopped) {
					renew();
				}
			}
			finally {
				this.lock.unlock();
			}
		}

		private void renew() {
			GuardedCall call = this.run.call();
			IdempotencyStore store = call.spec().store();
			long sentAt = LeaseKeeper.this.nanoTime.getAsLong();
			try {
				if (store.renew(this.run.lease(), call.spec().lease())) {
					this.run.renewed(sentAt);
					renewAfter(this.third);
				}
				else {
					lost(call);
				}
			}
			catch (RuntimeException | Error ex) {
				logger.warn("The lease of " + call.label() + " could not be renewed; trying again", ex);
				renewAfter(this.third / RENEWALS_PER_LEASE);
			}
		}

		private void lost(GuardedCall call) {
			boolean news = this.run.lost();
			logger.warn("The lease of " + call.label() + " was lost: it lapsed while the work ran and somebody else "
					+ "took over. What this run computes is not recorded. Set a longer lease or find what stalls it");
			if (news) {
				LeaseKeeper.this.listener.leaseLost(call);
			}
		}

	}

}
