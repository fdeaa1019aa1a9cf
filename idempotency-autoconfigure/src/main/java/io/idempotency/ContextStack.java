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

package io.idempotency;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * The running calls of one thread, innermost first, and the
 * {@linkplain IdempotencyContext#capture captures} that wait to learn about them. For the
 * library's own use: the engine opens a frame around the work and tells how each call was
 * answered.
 */
public final class ContextStack {

	private static final ThreadLocal<@Nullable Frame> INNERMOST = new ThreadLocal<>();

	private ContextStack() {
	}

	/**
	 * Open a frame for work that is about to run on this thread.
	 * @param context what the work may know
	 * @return the frame, to be closed on this thread when the work returned
	 */
	public static Running open(IdempotencyContext context) {
		Running frame = new Running(INNERMOST.get(), context);
		INNERMOST.set(frame);
		return frame;
	}

	/**
	 * Open a frame for work that is about to run on this thread for several calls at a
	 * time. None of them is the current one.
	 * @param contexts what the work is about
	 * @return the frame, to be closed on this thread when the work returned
	 */
	public static Together openAll(List<? extends IdempotencyContext> contexts) {
		Together frame = new Together(INNERMOST.get(), contexts);
		INNERMOST.set(frame);
		return frame;
	}

	/**
	 * Tell the capture that directly surrounds the call, if any, how it was answered.
	 * @param replayed whether the answer is that of another run
	 * @param age the time since the first run began
	 */
	public static void answered(boolean replayed, Duration age) {
		if (INNERMOST.get() instanceof Capture capture) {
			capture.guarded = true;
			capture.replayed = replayed;
			capture.age = age;
		}
	}

	/**
	 * Return whether some running call of this thread matches.
	 * @param test what to look for
	 * @return whether it was found
	 */
	public static boolean anyMatch(Predicate<IdempotencyContext> test) {
		for (Frame frame = INNERMOST.get(); frame != null; frame = frame.outer) {
			if (frame instanceof Running running && test.test(running.context)) {
				return true;
			}
			if (frame instanceof Together together && together.contexts.stream().anyMatch(test)) {
				return true;
			}
		}
		return false;
	}

	static @Nullable IdempotencyContext innermost() {
		for (Frame frame = INNERMOST.get(); frame != null; frame = frame.outer) {
			if (frame instanceof Running running) {
				return running.context;
			}
			if (frame instanceof Together) {
				return null;
			}
		}
		return null;
	}

	static <T extends @Nullable Object, X extends Throwable> IdempotencyContext.Answer<T> capture(
			Idempotency.Work<T, X> call) throws X {
		Capture capture = new Capture(INNERMOST.get());
		INNERMOST.set(capture);
		try {
			T value = call.run();
			return new IdempotencyContext.Answer<>(value, capture.guarded, capture.replayed, capture.age);
		}
		finally {
			restore(capture.outer);
		}
	}

	// Not removed, which costs more than all else here: without a value nothing is held
	private static void restore(@Nullable Frame outer) {
		INNERMOST.set(outer);
	}

	private abstract static sealed class Frame {

		final @Nullable Frame outer;

		Frame(@Nullable Frame outer) {
			this.outer = outer;
		}

	}

	/**
	 * The frame of running work.
	 */
	public static final class Running extends Frame implements AutoCloseable {

		private final IdempotencyContext context;

		private Running(@Nullable Frame outer, IdempotencyContext context) {
			super(outer);
			this.context = context;
		}

		/**
		 * Leave the frame.
		 */
		@Override
		public void close() {
			restore(this.outer);
		}

	}

	/**
	 * The frame of work that runs for several calls.
	 */
	public static final class Together extends Frame implements AutoCloseable {

		private final List<? extends IdempotencyContext> contexts;

		private Together(@Nullable Frame outer, List<? extends IdempotencyContext> contexts) {
			super(outer);
			this.contexts = contexts;
		}

		/**
		 * Leave the frame.
		 */
		@Override
		public void close() {
			restore(this.outer);
		}

	}

	private static final class Capture extends Frame {

		private boolean guarded;

		private boolean replayed;

		private Duration age = Duration.ZERO;

		private Capture(@Nullable Frame outer) {
			super(outer);
		}

	}

}
