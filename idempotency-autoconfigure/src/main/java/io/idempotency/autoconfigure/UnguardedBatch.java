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
package io.idempotency.autoconfigure;

import java.time.Duration;
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
import io.idempotency.engine.BatchResult;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.Assert;

/**
 * A batch when {@code idempotency.enabled=false}: all items are new.
 *
 * @param <T> the items' type
 */
final class UnguardedBatch<T> implements IdempotencyBatch.Items<T> {

	private final List<T> items;

	UnguardedBatch(List<T> items) {
		this.items = items;
	}

	@Override
	public IdempotencyBatch.Items<T> scope(String scope) {
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> fingerprint(Function<? super T, ? extends @Nullable Object> request) {
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> ttl(Duration ttl) {
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> window(String window) {
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> onConcurrent(OnConcurrent onConcurrent) {
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> onUnknown(OnUnknown onUnknown) {
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> unless(Predicate<@Nullable Object> unless) {
		return this;
	}

	@Override
	@SafeVarargs
	public final IdempotencyBatch.Items<T> rememberFailures(Class<? extends Throwable>... failures) {
		return this;
	}

	@Override
	@SafeVarargs
	public final IdempotencyBatch.Items<T> safeToRetry(Class<? extends Throwable>... failures) {
		return this;
	}

	@Override
	public IdempotencyBatch.Items<T> store(String store) {
		return this;
	}

	@Override
	public <R> BatchAnswers<R> execute(Class<R> type, IdempotencyBatch.Work<T, R> work) {
		return together(work);
	}

	@Override
	public <R> BatchAnswers<R> execute(ParameterizedTypeReference<R> type, IdempotencyBatch.Work<T, R> work) {
		return together(work);
	}

	@Override
	public <R> BatchAnswers<R> executeEach(Class<R> type, IdempotencyBatch.EachWork<T, R> work) {
		return oneByOne(work);
	}

	@Override
	public <R> BatchAnswers<R> executeEach(ParameterizedTypeReference<R> type, IdempotencyBatch.EachWork<T, R> work) {
		return oneByOne(work);
	}

	@Override
	public BatchAnswers<Void> run(IdempotencyBatch.Action<T> work) {
		return together((newItems) -> {
			work.run(newItems);
			return Collections.nCopies(newItems.size(), null);
		});
	}

	private <R> BatchAnswers<R> together(IdempotencyBatch.Work<T, R> work) {
		if (this.items.isEmpty()) {
			return new BatchAnswers<>(List.of());
		}
		try {
			List<R> results = work.run(this.items);
			Assert.state(results.size() == this.items.size(), "The work of a batch has one result for each item");
			return answers(results.stream().map(BatchResult::done).toList());
		}
		catch (PartialFailureException ex) {
			return answers(BatchResult.of(ex, this.items.size()));
		}
		catch (Throwable ex) {
			return answers(Collections.nCopies(this.items.size(), BatchResult.failed(ex)));
		}
	}

	private <R> BatchAnswers<R> oneByOne(IdempotencyBatch.EachWork<T, R> work) {
		List<BatchResult> results = new ArrayList<>();
		for (T item : this.items) {
			try {
				results.add(BatchResult.done(work.run(item)));
			}
			catch (Throwable ex) {
				results.add(BatchResult.failed(ex));
			}
		}
		return answers(results);
	}

	@SuppressWarnings("unchecked")
	private static <R> BatchAnswers<R> answers(List<BatchResult> results) {
		List<BatchAnswer<Object>> answers = new ArrayList<>();
		results.forEach(
				(result) -> answers.add(new BatchAnswer<>(result.value(), false, Duration.ZERO, result.failure())));
		return new BatchAnswers<>((List<BatchAnswer<R>>) (List<?>) answers);
	}

}
