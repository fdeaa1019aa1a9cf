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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * All listeners behind one guard: whatever they throw is logged and goes no further.
 */
final class Listeners implements IdempotencyListener {

	private static final Log logger = LogFactory.getLog(Listeners.class);

	private final List<IdempotencyListener> listeners;

	Listeners(List<IdempotencyListener> listeners) {
		this.listeners = List.copyOf(listeners);
	}

	@Override
	public Observed callStarted(GuardedCall call) {
		if (this.listeners.isEmpty()) {
			return Observed.NOTHING;
		}
		List<Observed> observed = new ArrayList<>(this.listeners.size());
		each((listener) -> observed.add(listener.callStarted(call)), this.listeners);
		return new ObservedByAll(observed);
	}

	@Override
	public void leaseLost(GuardedCall call) {
		each((listener) -> listener.leaseLost(call), this.listeners);
	}

	@Override
	public void recordingFailed(GuardedCall call, Throwable cause) {
		each((listener) -> listener.recordingFailed(call, cause), this.listeners);
	}

	@Override
	public void duplicate(GuardedCall call, Duration age) {
		each((listener) -> listener.duplicate(call, age), this.listeners);
	}

	@Override
	public void step(GuardedCall call, String step, StepOutcome outcome) {
		each((listener) -> listener.step(call, step, outcome), this.listeners);
	}

	private static <T> void each(Consumer<T> event, List<T> receivers) {
		for (T receiver : receivers) {
			try {
				event.accept(receiver);
			}
			catch (RuntimeException | LinkageError ex) {
				logger.warn("An idempotency listener failed; the call goes on", ex);
			}
		}
	}

	private record ObservedByAll(List<Observed> observed) implements Observed {

		@Override
		public void leaveThread() {
			each(Observed::leaveThread, this.observed);
		}

		@Override
		public void ended(CallOutcome outcome, @Nullable Throwable error) {
			each((each) -> each.ended(outcome, error), this.observed);
		}

	}

}
