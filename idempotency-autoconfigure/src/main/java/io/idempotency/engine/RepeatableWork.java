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

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import io.idempotency.OnUnknown;
import org.jspecify.annotations.Nullable;

/**
 * The work of one run, which an advice around it, inside of the guard, may repeat. Under
 * {@link OnUnknown#HOLD} that must not lead to a second run when it is not known what the
 * first one did: it did not end, it returned, or it threw something that does not prove
 * that there was no effect. Safe for use by several threads.
 */
final class RepeatableWork {

	private final OperationSpec spec;

	private final AtomicBoolean held = new AtomicBoolean();

	private volatile @Nullable Throwable failure;

	RepeatableWork(OperationSpec spec) {
		this.spec = spec;
	}

	/**
	 * Run the work, if it may run.
	 * @param work the work
	 * @param refusal made for whoever repeats work that threw nothing
	 * @return its result
	 * @throws Throwable what the work throws, or threw the first time
	 */
	@Nullable Object run(Work work, Supplier<RuntimeException> refusal) throws Throwable {
		if (this.spec.onUnknown() != OnUnknown.HOLD) {
			return work.run();
		}
		if (!this.held.compareAndSet(false, true)) {
			Throwable first = this.failure;
			throw (first != null) ? first : refusal.get();
		}
		try {
			return work.run();
		}
		catch (Throwable ex) {
			this.failure = ex;
			this.held.set(!this.spec.provesNoEffect(ex));
			throw ex;
		}
	}

}
