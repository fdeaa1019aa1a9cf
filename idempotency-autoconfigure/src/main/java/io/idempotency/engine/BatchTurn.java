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

import java.util.List;

import io.idempotency.ContextStack;
import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a batch whose work is to be done now.
 */
public final class BatchTurn {

	private final List<Integer> positions;

	private final List<RunContext> contexts;

	private final Innermost innermost;

	BatchTurn(List<Integer> positions, List<RunContext> contexts, Innermost innermost) {
		this.positions = positions;
		this.contexts = contexts;
		this.innermost = innermost;
	}

	/**
	 * Return which calls.
	 * @return their positions in the list of all calls, in that order
	 */
	public List<Integer> positions() {
		return this.positions;
	}

	/**
	 * Return what goes around the work itself, inside whatever transaction the edge has
	 * opened for it. Work that never gets there is known not to have begun.
	 * @return what to call the work through, once
	 */
	public Innermost innermost() {
		return this.innermost;
	}

	/**
	 * Do a part of the work that is about one call only:
	 * {@link IdempotencyContext#current()} then tells about that.
	 * @param index of the call among {@link #positions()}
	 * @param work the part
	 * @return its result
	 * @throws Throwable what it throws
	 */
	public @Nullable Object within(int index, Work work) throws Throwable {
		if (this.contexts.isEmpty()) {
			return work.run();
		}
		try (ContextStack.Running frame = ContextStack.open(this.contexts.get(index))) {
			return work.run();
		}
	}

}
