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

package io.idempotency.autoconfigure.transactions;

import org.junit.jupiter.api.Test;

import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a JDBC transaction manager can do besides: savepoints.
 */
abstract class JdbcJoinedTransactionContract extends JoinedTransactionContract {

	@Test
	void savepointOfTheMethodTakesItsRecordAlong() throws Exception {
		String answer = inTransaction((status) -> {
			application().ledger().endNextWith(Cell.End.THROW);
			assertThatExceptionOfType(Ledger.Declined.class).isThrownBy(() -> payments().nest(this.key));
			return payments().nest(this.key);
		});

		assertThat(payments().nest(this.key)).isEqualTo(answer);
		assertThat(effects()).isOne();
	}

	@Test
	void savepointOfTheCallerTakesTheRecordAlong() throws Exception {
		TransactionTemplate nested = application().inTransaction();
		nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
		String answer = inTransaction((status) -> {
			nested.executeWithoutResult((savepoint) -> {
				payments().run(this.key, () -> "undone");
				savepoint.setRollbackOnly();
			});
			return payments().run(this.key, () -> "done");
		});

		assertThat(answer).isEqualTo("done").isEqualTo(payments().run(this.key, () -> "again"));
	}

}
