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

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;

/**
 * A run as one try of one of its steps sees it: the same, with notes of its own.
 */
final class StepContext implements IdempotencyContext, RunNotes {

	private final RunContext run;

	private final String step;

	private final KeptNotes notes = new KeptNotes();

	StepContext(RunContext run, String step) {
		this.run = run;
		this.step = step;
	}

	RunContext run() {
		return this.run;
	}

	@Override
	public String step() {
		return this.step;
	}

	@Override
	public boolean reserve(String what, Object by) {
		return this.notes.reserve(what, by);
	}

	@Override
	public int count(String what) {
		return this.notes.count(what);
	}

	@Override
	public String operation() {
		return this.run.operation();
	}

	@Override
	public String key() {
		return this.run.key();
	}

	@Override
	public String keyHash() {
		return this.run.keyHash();
	}

	@Override
	public int attempt() {
		return this.run.attempt();
	}

	@Override
	public long fence() {
		return this.run.fence();
	}

	@Override
	public Duration leaseRemaining() {
		return this.run.leaseRemaining();
	}

	@Override
	public boolean leaseLost() {
		return this.run.leaseLost();
	}

	@Override
	public String deriveKey(String... parts) {
		return this.run.deriveKey(parts);
	}

	@Override
	public DurableSteps steps() {
		return this.run.steps();
	}

}
