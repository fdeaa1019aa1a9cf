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

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * What is to be done later unless it is called off before, as nearly all of it is: one
 * timer for all, set to the earliest. To add a task and to call it off wakes no thread,
 * which would cost more than a short call does.
 * <p>
 * Safe for use by many threads. The tasks are run one after the other.
 */
final class Alarms {

	private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(2);

	private final ScheduledExecutorService thread;

	private final Set<Alarm> pending = ConcurrentHashMap.newKeySet();

	private volatile @Nullable Timer timer;

	/**
	 * Create alarms.
	 * @param thread runs the tasks
	 */
	Alarms(ScheduledExecutorService thread) {
		this.thread = thread;
	}

	/**
	 * Do something later.
	 * @param task what to do, unless it is called off
	 * @param nanos after how long
	 * @return the alarm
	 */
	Alarm after(long nanos, Runnable task) {
		Alarm alarm = new Alarm(task, System.nanoTime() + nanos);
		this.pending.add(alarm);
		wakeBy(alarm.due);
		return alarm;
	}

	/** Do nothing more. */
	void end() {
		this.thread.shutdownNow();
	}

	private void wakeBy(long due) {
		Timer timer = this.timer;
		if (timer == null || due - timer.at() < 0) {
			set(due);
		}
	}

	private synchronized void set(long due) {
		Timer timer = this.timer;
		if (timer != null && due - timer.at() >= 0) {
			return;
		}
		if (timer != null && timer.task() != null) {
			timer.task().cancel(false);
		}
		long pause = Math.max(due - System.nanoTime(), SHORTEST_PAUSE);
		this.timer = new Timer(due, BackgroundThreads.later(this.thread, this::ring, pause));
	}

	private synchronized void unset() {
		this.timer = null;
	}

	// Whoever adds an alarm from now on finds no timer and sets one, and whoever did
	// before
	// is seen here
	private void ring() {
		unset();
		try {
			long now = System.nanoTime();
			this.pending.stream()
				.filter((alarm) -> alarm.due - now <= 0)
				.sorted((one, other) -> Long.signum(one.due - other.due))
				.forEach(this::ring);
		}
		finally {
			this.pending.forEach((alarm) -> wakeBy(alarm.due));
		}
	}

	private void ring(Alarm alarm) {
		if (this.pending.remove(alarm)) {
			alarm.task.run();
		}
	}

	/**
	 * A task to come.
	 */
	final class Alarm {

		private final Runnable task;

		private final long due;

		private Alarm(Runnable task, long due) {
			this.task = task;
			this.due = due;
		}

		// An object's own hash code has to be made first
		@Override
		public int hashCode() {
			return Long.hashCode(this.due);
		}

		@Override
		public boolean equals(Object other) {
			return this == other;
		}

		/** Call the task off, unless it has begun. */
		void cancel() {
			Alarms.this.pending.remove(this);
		}

	}

	/**
	 * When the thread wakes up next.
	 *
	 * @param at the time
	 * @param task the wake-up, or {@code null} if the thread ended for good
	 */
	private record Timer(long at, @Nullable Future<?> task) {

	}

}
