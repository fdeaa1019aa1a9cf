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

package io.idempotency.observation;

import io.idempotency.engine.CallOutcome;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.StepOutcome;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes every call as {@code idempotency.call}, with the low-cardinality keys
 * {@code operation}, {@code store} and {@code outcome}. What goes wrong beside the calls
 * are observations of no length, {@code idempotency.lease.lost} and
 * {@code idempotency.recording.failed}, with {@code operation} and {@code store}: their
 * number is what counts. So is each {@code idempotency.step}, with {@code step} and
 * {@code outcome} beside them. The key's hash is a high-cardinality key: it reaches
 * traces, never meters.
 */
public final class ObservingListener implements IdempotencyListener {

	private static final String CALL = "idempotency.call";

	private static final String LEASE_LOST = "idempotency.lease.lost";

	private static final String RECORDING_FAILED = "idempotency.recording.failed";

	private static final String STEP = "idempotency.step";

	private final ObservationRegistry registry;

	/**
	 * Create the listener.
	 * @param registry gets the observations
	 */
	public ObservingListener(ObservationRegistry registry) {
		this.registry = registry;
	}

	@Override
	public Observed callStarted(GuardedCall call) {
		Observation observation = about(call, CALL).contextualName("idempotent " + call.spec().name())
			.lowCardinalityKeyValue(outcome("none"))
			.start();
		return new ObservedCall(observation, observation.openScope());
	}

	@Override
	public void leaseLost(GuardedCall call) {
		about(call, LEASE_LOST).start().stop();
	}

	@Override
	public void recordingFailed(GuardedCall call, Throwable cause) {
		about(call, RECORDING_FAILED).start().error(cause).stop();
	}

	@Override
	public void step(GuardedCall call, String step, StepOutcome outcome) {
		about(call, STEP).lowCardinalityKeyValue("step", step)
			.lowCardinalityKeyValue(outcome(outcome.tag()))
			.start()
			.stop();
	}

	private Observation about(GuardedCall call, String name) {
		return Observation.createNotStarted(name, this.registry)
			.lowCardinalityKeyValue("operation", call.spec().name())
			.lowCardinalityKeyValue("store", call.spec().store().name())
			.highCardinalityKeyValue("key.hash", call.id().shortForm());
	}

	private static KeyValue outcome(String value) {
		return KeyValue.of("outcome", value);
	}

	private record ObservedCall(Observation observation, Observation.Scope scope) implements Observed {

		@Override
		public void leaveThread() {
			this.scope.close();
		}

		@Override
		public void ended(CallOutcome outcome, @Nullable Throwable error) {
			this.observation.lowCardinalityKeyValue(outcome(outcome.tag()));
			if (error != null) {
				this.observation.error(error);
			}
			this.observation.stop();
		}

	}

}
