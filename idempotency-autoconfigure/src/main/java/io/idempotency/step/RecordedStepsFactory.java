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

import io.idempotency.engine.CheckpointedRun;
import io.idempotency.engine.EndingSteps;
import io.idempotency.engine.StepsFactory;

import org.springframework.beans.factory.ListableBeanFactory;

/**
 * Makes steps that are recorded in the record of their run. Safe for use by many threads.
 */
public final class RecordedStepsFactory implements StepsFactory {

	private final ListableBeanFactory beanFactory;

	private final Pause pause;

	/**
	 * Create the factory.
	 * @param beanFactory where the transaction managers are, asked for by transactional
	 * steps
	 */
	public RecordedStepsFactory(ListableBeanFactory beanFactory) {
		this(beanFactory, Pause.REAL);
	}

	RecordedStepsFactory(ListableBeanFactory beanFactory, Pause pause) {
		this.beanFactory = beanFactory;
		this.pause = pause;
	}

	@Override
	public EndingSteps begin(CheckpointedRun run) {
		return new RecordedSteps(run, new StepExecution(run, this.beanFactory, this.pause));
	}

}
