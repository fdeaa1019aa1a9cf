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

package io.idempotency.step;

import java.util.function.Supplier;

import io.idempotency.DurableSteps;
import io.idempotency.Idempotency;
import io.idempotency.engine.Work;
import org.jspecify.annotations.Nullable;

/**
 * A step that is done.
 *
 * @param <T> the result's type
 */
final class CompletedStep<T extends @Nullable Object> implements DurableSteps.Completed<T> {

	private final RecordedSteps steps;

	private final RecordedStep description;

	private final String recordedAs;

	private final Supplier<T> result;

	private final boolean replayed;

	CompletedStep(RecordedSteps steps, RecordedStep description, String recordedAs, Supplier<T> result,
			boolean replayed) {
		this.steps = steps;
		this.description = description;
		this.recordedAs = recordedAs;
		this.result = result;
		this.replayed = replayed;
	}

	@Override
	public T value() {
		return this.result.get();
	}

	@Override
	public boolean replayed() {
		return this.replayed;
	}

	@Override
	public DurableSteps.Completed<T> compensateWith(Idempotency.Action<?> undo) {
		return compensateBy(() -> {
			undo.run();
			return null;
		});
	}

	@Override
	public DurableSteps.Completed<T> compensateWith(DurableSteps.Compensation<T> undo) {
		return compensateBy(() -> {
			undo.undo(value());
			return null;
		});
	}

	private DurableSteps.Completed<T> compensateBy(Work undo) {
		this.steps.compensate(this.recordedAs, this.description, undo);
		return this;
	}

}
