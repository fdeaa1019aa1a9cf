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

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.idempotency.store.RecordId;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Sees Spring-managed transactions of any transaction manager through the thread's
 * synchronizations. Only used where Spring's transaction support is on the class path.
 */
final class SpringTransactions implements Transactions {

	private static final Object RESOURCE_KEY = SpringTransactions.class;

	@Override
	public @Nullable Current current() {
		if (!TransactionSynchronizationManager.isActualTransactionActive()
				|| !TransactionSynchronizationManager.isSynchronizationActive()) {
			return null;
		}
		if (TransactionSynchronizationManager.getResource(RESOURCE_KEY) instanceof SynchronizedTransaction bound) {
			if (bound.underWay()) {
				return bound;
			}
			TransactionSynchronizationManager.unbindResource(RESOURCE_KEY);
		}
		SynchronizedTransaction transaction = new SynchronizedTransaction(
				TransactionSynchronizationManager.isCurrentTransactionReadOnly());
		TransactionSynchronizationManager.bindResource(RESOURCE_KEY, transaction);
		TransactionSynchronizationManager.registerSynchronization(transaction);
		return transaction;
	}

	/**
	 * Lives as long as one transaction: hides while it is suspended, and leaves the
	 * thread when it completes.
	 */
	private static final class SynchronizedTransaction implements TransactionSynchronization, Current {

		private final boolean readOnly;

		private boolean completing;

		private final List<Consumer<End>> callbacks = new ArrayList<>(1);

		private final List<Runnable> beforeCommit = new ArrayList<>(0);

		private final Map<RecordId, Landing.Outcome> answers = new LinkedHashMap<>(2);

		private final Map<Object, Mark> savepoints = new HashMap<>(2);

		private SynchronizedTransaction(boolean readOnly) {
			this.readOnly = readOnly;
		}

		/**
		 * Return whether this is still the thread's transaction. Once it is over, others
		 * may be opened by whoever is told of its end before this object is.
		 */
		private boolean underWay() {
			return !this.completing || TransactionSynchronizationManager.getSynchronizations().contains(this);
		}

		@Override
		public boolean readOnly() {
			return this.readOnly;
		}

		@Override
		public void afterCompletion(Consumer<End> callback) {
			this.callbacks.add(callback);
		}

		@Override
		public void beforeCommit(Runnable callback) {
			this.beforeCommit.add(callback);
		}

		@Override
		public void beforeCommit(boolean readOnly) {
			this.beforeCommit.forEach(Runnable::run);
		}

		@Override
		public void keep(RecordId id, Landing.Outcome landing) {
			this.answers.put(id, landing);
		}

		@Override
		public Landing.@Nullable Outcome kept(RecordId id) {
			return this.answers.get(id);
		}

		@Override
		public void suspend() {
			TransactionSynchronizationManager.unbindResource(RESOURCE_KEY);
		}

		@Override
		public void resume() {
			TransactionSynchronizationManager.bindResource(RESOURCE_KEY, this);
		}

		@Override
		public void savepoint(Object savepoint) {
			this.savepoints.put(savepoint, new Mark(this.callbacks.size(), this.answers.size()));
		}

		/**
		 * What was called since the savepoint ends here. A savepoint that is not known
		 * was set before the first call.
		 */
		@Override
		public void savepointRollback(Object savepoint) {
			Mark mark = this.savepoints.getOrDefault(savepoint, Mark.BEGIN);
			List<RecordId> ids = new ArrayList<>(this.answers.keySet());
			ids.subList(mark.answers(), ids.size()).forEach(this.answers::remove);
			List<Consumer<End>> since = this.callbacks.subList(mark.callbacks(), this.callbacks.size());
			List<Consumer<End>> undone = List.copyOf(since);
			since.clear();
			undone.forEach((callback) -> callback.accept(End.ROLLED_BACK));
		}

		@Override
		public void beforeCompletion() {
			this.completing = true;
		}

		@Override
		public void afterCompletion(int status) {
			TransactionSynchronizationManager.unbindResourceIfPossible(RESOURCE_KEY);
			End end = switch (status) {
				case STATUS_COMMITTED -> End.COMMITTED;
				case STATUS_ROLLED_BACK -> End.ROLLED_BACK;
				default -> End.UNKNOWN;
			};
			this.callbacks.forEach((callback) -> callback.accept(end));
		}

	}

	/**
	 * How far a transaction had come at a savepoint.
	 *
	 * @param callbacks how many wanted to be told of the end
	 * @param answers how many answers were kept
	 */
	private record Mark(int callbacks, int answers) {

		private static final Mark BEGIN = new Mark(0, 0);

	}

}
