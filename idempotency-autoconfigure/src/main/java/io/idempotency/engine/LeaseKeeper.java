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

import java.util.ArrayList;
import java.util.List;
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

	/**
	 * Keep leases in one store until their work is over.
	 * @param runs one or more runs of the same work
	 * @return the leases
	 */
	Kept keep(List<RunContext> runs) {
		Kept kept = new Kept(runs);
		kept.renewAfter(kept.third);
		return kept;
	}

	/**
	 * Leases that are being kept until the work is over.
	 */
	final class Kept {

		private final OperationSpec spec;

		private final Lock lock = new ReentrantLock();

		private final Alarms alarms;

		private final long third;

		private List<RunContext> runs;

		private Alarms.@Nullable Alarm next;

		private boolean stopped;

		private Kept(List<RunContext> runs) {
			this.runs = runs;
			this.spec = runs.get(0).call().spec();
			this.alarms = LeaseKeeper.this.threads.of(this.spec.store()).renewing();
			this.third = this.spec.lease().toNanos() / RENEWALS_PER_LEASE;
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
			long sentAt = LeaseKeeper.this.nanoTime.getAsLong();
			try {
				List<Boolean> mine = renewed();
				List<RunContext> left = new ArrayList<>();
				for (int i = 0; i < this.runs.size(); i++) {
					RunContext run = this.runs.get(i);
					if (mine.get(i)) {
						run.renewed(sentAt);
						left.add(run);
					}
					else {
						lost(run);
					}
				}
				this.runs = left;
				if (!left.isEmpty()) {
					renewAfter(this.third);
				}
			}
			catch (RuntimeException | Error ex) {
				logger.warn("The lease of " + this.runs.get(0).call().label()
						+ ((this.runs.size() > 1) ? " and those of " + (this.runs.size() - 1) + " other keys" : "")
						+ " could not be renewed; trying again", ex);
				renewAfter(this.third / RENEWALS_PER_LEASE);
			}
		}

		private List<Boolean> renewed() {
			IdempotencyStore store = this.spec.store();
			if (this.runs.size() == 1) {
				return List.of(store.renew(this.runs.get(0).lease(), this.spec.lease()));
			}
			return store.renewAll(this.runs.stream().map(RunContext::lease).toList(), this.spec.lease());
		}

		private void lost(RunContext run) {
			GuardedCall call = run.call();
			boolean news = run.lost();
			logger.warn("The lease of " + call.label() + " was lost: it lapsed while the work ran and somebody else "
					+ "took over. What this run computes is not recorded. Set a longer lease or find what stalls it");
			if (news) {
				LeaseKeeper.this.listener.leaseLost(call);
			}
		}

	}

}
