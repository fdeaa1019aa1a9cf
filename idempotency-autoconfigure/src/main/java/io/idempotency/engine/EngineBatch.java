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

import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

import io.idempotency.BatchAnswer;
import io.idempotency.BatchAnswers;
import io.idempotency.IdempotencyBatch;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.PartialFailureException;
import io.idempotency.TransactionMode;
import io.idempotency.key.Window;
import io.idempotency.store.Fingerprint;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;

/**
 * {@link IdempotencyBatch.Items} on top of the engine.
 *
 * @param <T> the items' type
 */
final class EngineBatch<T> implements IdempotencyBatch.Items<T> {

	private final Facade facade;

	private final List<T> items;

	private final Function<? super T, ?> key;

	private final OperationSettings.Builder overrides = OperationSettings.builder()
		.transaction(TransactionMode.SEPARATE);

	private String scope = "";

	private Function<? super T, @Nullable Fingerprint> fingerprint = (item) -> null;

	private Predicate<@Nullable Object> unless = GuardedCall.KEEP_ALL;

	EngineBatch(Facade facade, List<T> items, Function<? super T, ?> key) {
		this.facade = facade;
		this.items = items;
		this.key = key;
	}

	@Override
	public IdempotencyBatch.Items<T> scope(String scope) {
		this.scope = scope;
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> fingerprint(Function<? super T, ? extends @Nullable Object> request) {
		this.fingerprint = (item) -> this.facade.fingerprint(request.apply(item));
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> ttl(Duration ttl) {
		this.overrides.ttl(ttl);
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> window(String window) {
		this.overrides.window(Window.parse(window));
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> onConcurrent(OnConcurrent onConcurrent) {
		this.overrides.onConcurrent(onConcurrent);
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> onUnknown(OnUnknown onUnknown) {
		this.overrides.onUnknown(onUnknown);
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> unless(Predicate<@Nullable Object> unless) {
		this.unless = unless;
		return this;
	}

	@Override
	@SafeVarargs
	public final IdempotencyBatch.Items<T> rememberFailures(Class<? extends Throwable>... failures) {
		this.overrides.rememberFailures(List.of(failures));
		return this;
	}

	@Override
	@SafeVarargs
	public final IdempotencyBatch.Items<T> safeToRetry(Class<? extends Throwable>... failures) {
		this.overrides.safeToRetry(List.of(failures));
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> store(String store) {
		this.overrides.store(store);
		return this;
	}

	@Override
	public <R> BatchAnswers<R> execute(Class<R> type, IdempotencyBatch.Work<T, R> work) {
		return answers(type, (turn) -> together(turn, work));
	}

	@Override
	public <R> BatchAnswers<R> execute(ParameterizedTypeReference<R> type, IdempotencyBatch.Work<T, R> work) {
		return answers(type.getType(), (turn) -> together(turn, work));
	}

	@Override
	public <R> BatchAnswers<R> executeEach(Class<R> type, IdempotencyBatch.EachWork<T, R> work) {
		return answers(type, (turn) -> oneByOne(turn, work));
	}

	@Override
	public <R> BatchAnswers<R> executeEach(ParameterizedTypeReference<R> type, IdempotencyBatch.EachWork<T, R> work) {
		return answers(type.getType(), (turn) -> oneByOne(turn, work));
	}

	@Override
	public BatchAnswers<Void> run(IdempotencyBatch.Action<T> work) {
		return answers(void.class, (turn) -> {
			List<BatchResult> results = together(turn, (newItems) -> {
				work.run(newItems);
				return Collections.nCopies(newItems.size(), null);
			});
			return results.stream().map((result) -> new BatchResult(null, result.failure(), result.begun())).toList();
		});
	}

	private List<BatchResult> together(BatchTurn turn, IdempotencyBatch.Work<T, ?> work) throws Throwable {
		List<T> newItems = new ArrayList<>();
		turn.positions().forEach((position) -> newItems.add(this.items.get(position)));
		try {
			List<BatchResult> results = new ArrayList<>();
			turn.innermost().around(() -> {
				work.run(newItems).forEach((value) -> results.add(BatchResult.done(value)));
				return null;
			});
			return results;
		}
		catch (PartialFailureException ex) {
			return BatchResult.of(ex, newItems.size());
		}
	}

	private List<BatchResult> oneByOne(BatchTurn turn, IdempotencyBatch.EachWork<T, ?> work) throws Throwable {
		List<BatchResult> results = new ArrayList<>();
		turn.innermost().around(() -> {
			for (int i = 0; i < turn.positions().size(); i++) {
				results.add(result(turn, i, work));
			}
			return null;
		});
		return results;
	}

	private BatchResult result(BatchTurn turn, int index, IdempotencyBatch.EachWork<T, ?> work) {
		T item = this.items.get(turn.positions().get(index));
		try {
			return BatchResult.done(turn.within(index, () -> work.run(item)));
		}
		catch (Throwable ex) {
			return BatchResult.failed(ex);
		}
	}

	@SuppressWarnings("unchecked")
	private <R> BatchAnswers<R> answers(Type type, BatchWork work) {
		OperationSpec spec = this.facade.spec(type, this.overrides.build());
		Instant now = this.facade.now();
		List<GuardedCall> calls = new ArrayList<>();
		for (T item : this.items) {
			calls.add(GuardedCall.of(spec, this.scope, this.facade.keyText(this.key.apply(item)),
					this.fingerprint.apply(item), now, this.unless));
		}
		List<BatchAnswer<Object>> answers = this.facade.execute(calls, work);
		return new BatchAnswers<>((List<BatchAnswer<R>>) (List<?>) answers);
	}

	/**
	 * What the facade knows of the operation.
	 */
	interface Facade {

		OperationSpec spec(Type resultType, OperationSettings overrides);

		@Nullable String keyText(@Nullable Object key);

		Fingerprint fingerprint(@Nullable Object request);

		Instant now();

		List<BatchAnswer<Object>> execute(List<GuardedCall> calls, BatchWork work);

	}

}
