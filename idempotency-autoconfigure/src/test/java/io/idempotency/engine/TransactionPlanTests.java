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

import io.idempotency.TransactionMode;
import io.idempotency.engine.TransactionUse.Callers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The decision how a call relates to transactions, as a table.
 */
class TransactionPlanTests {

	@ParameterizedTest
	@CsvSource(useHeadersInDisplayName = true, textBlock = """
			mode,     method,        inTransaction, plan
			AUTO,     NONE,          false,         SEPARATE
			AUTO,     NONE,          true,          JOIN_CALLER
			AUTO,     REQUIRED,      false,         ATOMIC
			AUTO,     REQUIRED,      true,          JOIN_CALLER
			AUTO,     READ_ONLY,     false,         SEPARATE
			AUTO,     READ_ONLY,     true,          JOIN_CALLER
			AUTO,     REQUIRES_NEW,  false,         ATOMIC
			AUTO,     REQUIRES_NEW,  true,          ATOMIC
			AUTO,     NESTED,        false,         ATOMIC
			AUTO,     NESTED,        true,          JOIN_METHOD
			AUTO,     NOT_SUPPORTED, false,         SEPARATE
			AUTO,     NOT_SUPPORTED, true,          SEPARATE
			SEPARATE, NONE,          false,         SEPARATE
			SEPARATE, NONE,          true,          REFUSED
			SEPARATE, REQUIRED,      false,         SEPARATE
			SEPARATE, REQUIRED,      true,          REFUSED
			SEPARATE, NESTED,        true,          REFUSED
			SEPARATE, REQUIRES_NEW,  true,          SEPARATE
			SEPARATE, NOT_SUPPORTED, true,          SEPARATE
			ATOMIC,   REQUIRED,      false,         ATOMIC
			ATOMIC,   REQUIRED,      true,          REFUSED
			ATOMIC,   NESTED,        false,         ATOMIC
			ATOMIC,   NESTED,        true,          REFUSED
			ATOMIC,   REQUIRES_NEW,  true,          ATOMIC
			JOINED,   NONE,          false,         JOIN_METHOD
			JOINED,   NONE,          true,          JOIN_CALLER
			JOINED,   REQUIRED,      false,         JOIN_METHOD
			JOINED,   REQUIRED,      true,          JOIN_CALLER
			JOINED,   NESTED,        false,         JOIN_METHOD
			JOINED,   NESTED,        true,          JOIN_METHOD
			JOINED,   REQUIRES_NEW,  true,          JOIN_METHOD
			""")
	void planFollowsFromTheModeTheMethodAndTheCaller(TransactionMode mode, Method method, boolean inTransaction,
			TransactionPlan plan) {
		assertThat(TransactionPlan.of(mode, method.use, false, true, inTransaction)).isEqualTo(plan);
	}

	@ParameterizedTest
	@EnumSource
	void storeOutsideOfTheDatabaseIsSeparate(Method method) {
		assertThat(TransactionPlan.of(TransactionMode.AUTO, method.use, false, false, false))
			.isEqualTo(TransactionPlan.SEPARATE);
	}

	@ParameterizedTest
	@EnumSource
	void asynchronousResultIsSeparateWhereverItIsCalled(Method method) {
		assertThat(TransactionPlan.of(TransactionMode.AUTO, method.use, true, true, false))
			.isEqualTo(TransactionPlan.SEPARATE);
		assertThat(TransactionPlan.of(TransactionMode.AUTO, method.use, true, true, true))
			.isEqualTo(TransactionPlan.SEPARATE);
	}

	@Test
	void noMethodByItselfHasAnythingToDoWithTransactions() {
		assertThat(TransactionUse.NONE.callers()).isEqualTo(Callers.JOINED);
		assertThat(TransactionUse.NONE.opens()).isFalse();
		assertThat(TransactionUse.NONE.rollsBackOn().test(new IllegalStateException())).isFalse();
	}

	enum Method {

		NONE(TransactionUse.NONE),

		REQUIRED(use(Callers.JOINED, true, false)),

		READ_ONLY(use(Callers.JOINED, true, true)),

		REQUIRES_NEW(use(Callers.LEFT, true, false)),

		NESTED(use(Callers.NESTED, true, false)),

		NOT_SUPPORTED(use(Callers.LEFT, false, false));

		final TransactionUse use;

		Method(TransactionUse use) {
			this.use = use;
		}

		private static TransactionUse use(Callers callers, boolean opens, boolean readOnly) {
			return new TransactionUse(callers, opens, readOnly, false, null, null, (failure) -> true);
		}

	}

}
