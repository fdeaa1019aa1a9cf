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
package io.idempotency.method;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.idempotency.BatchAnswer;
import io.idempotency.BatchAnswers;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.PartialFailureException;
import io.idempotency.engine.BatchResult;
import io.idempotency.engine.BatchTurn;
import io.idempotency.engine.IdempotencyEngine;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.util.Assert;

/**
 * A call of a method whose items have a key each: the method is called with those that
 * were not done yet, and its caller gets a list for all of them.
 */
final class EachItemCall {

	private final MethodInvocation invocation;

	private final MethodOperation operation;

	private final EachItem each;

	private final List<@Nullable Object> items;

	private boolean partialFailure;

	EachItemCall(MethodInvocation invocation, MethodOperation operation, EachItem each) {
		this.invocation = invocation;
		this.operation = operation;
		this.each = each;
		List<@Nullable Object> items = each.items(invocation.getArguments());
		if (items == null) {
			throw new IdempotencyKeyMissingException(operation.spec().name(),
					"Operation '" + operation.spec().name()
							+ "' was called with null for its items. Nothing ran. Send a list, empty if there are none",
					null);
		}
		this.items = items;
	}

	/**
	 * Answer the call.
	 * @param engine runs it
	 * @param now the time that decides the window
	 * @return a result for each item, or {@code null} if the method returns none
	 * @throws Throwable what the method throws, or the first refusal of an item
	 */
	@Nullable Object answer(IdempotencyEngine engine, Instant now) throws Throwable {
		BatchAnswers<Object> answers = new BatchAnswers<>(engine.batches()
			.execute(this.operation.describeEach(this.items, this.invocation.getArguments(), now), this::run));
		if (this.partialFailure) {
			Map<Integer, Throwable> failures = answers.failures();
			throw new PartialFailureException(
					returnsList() ? answers.stream().map(BatchAnswer::value).toList() : List.of(), failures);
		}
		List<@Nullable Object> values = answers.values();
		return returnsList() ? values : null;
	}

	private List<BatchResult> run(BatchTurn turn) throws Throwable {
		List<@Nullable Object> newItems = new ArrayList<>();
		turn.positions().forEach((position) -> newItems.add(this.items.get(position)));
		Object returned;
		try {
			returned = proceed(turn, newItems);
		}
		catch (PartialFailureException ex) {
			List<BatchResult> results = BatchResult.of(ex, newItems.size());
			this.partialFailure = true;
			return results;
		}
		if (!returnsList()) {
			return newItems.stream().map((item) -> BatchResult.done(null)).toList();
		}
		Assert.state(returned instanceof Iterable,
				() -> "The method of operation '" + this.operation.spec().name() + "' returned no list");
		List<BatchResult> results = new ArrayList<>();
		((Iterable<?>) returned).forEach((value) -> results.add(BatchResult.done(value)));
		return results;
	}

	/** Each turn goes the rest of the way by itself. */
	private @Nullable Object proceed(BatchTurn turn, List<@Nullable Object> newItems) throws Throwable {
		MethodInvocation own = ((ProxyMethodInvocation) this.invocation)
			.invocableClone(this.each.with(this.invocation.getArguments(), newItems));
		return InnermostInterceptor.chain(own, this.operation).proceed(turn.innermost());
	}

	private boolean returnsList() {
		return this.operation.method().getReturnType() != void.class;
	}

}
