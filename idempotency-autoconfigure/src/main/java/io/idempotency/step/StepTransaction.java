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

import java.util.List;
import java.util.function.UnaryOperator;

import io.idempotency.store.TransactionalStore;
import io.idempotency.store.TransactionalStore.JoinedVerbs;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;

/**
 * A transaction on the store's database that a step opens for itself. Reached only where
 * spring-tx is.
 */
final class StepTransaction {

	private final TransactionalStore store;

	private final PlatformTransactionManager manager;

	StepTransaction(TransactionalStore store, ListableBeanFactory beanFactory) {
		this.store = store;
		this.manager = manager(store, beanFactory);
	}

	private static PlatformTransactionManager manager(TransactionalStore store, ListableBeanFactory beanFactory) {
		PlatformTransactionManager primary = beanFactory.getBeanProvider(PlatformTransactionManager.class)
			.getIfUnique();
		if (primary != null && store.joinsTransactionsOf(primary)) {
			return primary;
		}
		List<PlatformTransactionManager> joined = beanFactory.getBeanProvider(PlatformTransactionManager.class)
			.stream()
			.filter(store::joinsTransactionsOf)
			.toList();
		if (joined.size() != 1) {
			throw new IllegalStateException("A step is to be transactional, but there "
					+ (joined.isEmpty() ? "is no transaction manager"
							: "are " + joined.size() + " transaction managers")
					+ " of the database of store '" + store.name() + "'. Declare one for its DataSource"
					+ (joined.isEmpty() ? "" : ", or make the right one @Primary"));
		}
		return joined.get(0);
	}

	/**
	 * Do something in a transaction and commit it.
	 * @param body what to do
	 * @param inDoubt is told that the commit failed, so that it may have happened
	 * @return its result
	 * @throws Throwable what it threw, after a rollback; or why there was no commit
	 */
	@Nullable Object run(Body body, UnaryOperator<RuntimeException> inDoubt) throws Throwable {
		TransactionStatus status = this.manager.getTransaction(TransactionDefinition.withDefaults());
		Object result;
		try {
			result = body.in(joined());
			if (status.isRollbackOnly()) {
				throw new UnexpectedRollbackException(
						"The step returned, but its transaction was marked as rollback-only");
			}
		}
		catch (Throwable ex) {
			rollback(status, ex);
			throw ex;
		}
		commit(status, inDoubt);
		return result;
	}

	private JoinedVerbs joined() {
		JoinedVerbs joined = this.store.joined();
		if (joined == null) {
			throw new IllegalStateException("The transaction of a step, by " + this.manager.getClass().getName()
					+ ", is none on the database of store '" + this.store.name() + "' that may write");
		}
		return joined;
	}

	private void rollback(TransactionStatus status, Throwable failure) {
		try {
			this.manager.rollback(status);
		}
		catch (RuntimeException | Error ex) {
			failure.addSuppressed(ex);
		}
	}

	private void commit(TransactionStatus status, UnaryOperator<RuntimeException> inDoubt) {
		try {
			this.manager.commit(status);
		}
		catch (UnexpectedRollbackException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			throw inDoubt.apply(ex);
		}
	}

	/**
	 * What is done in the transaction.
	 */
	@FunctionalInterface
	interface Body {

		@Nullable Object in(JoinedVerbs transaction) throws Throwable;

	}

}
