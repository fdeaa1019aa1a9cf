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

import java.util.stream.Stream;

import io.idempotency.OnUnknown;
import io.idempotency.engine.Settlement.Ending;
import io.idempotency.engine.Settlement.Ending.Answer;
import io.idempotency.engine.Settlement.Ending.TransactionEnd;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * {@link Settlement} as a table.
 */
class SettlementTests {

	@ParameterizedTest
	@MethodSource("table")
	void endingDecides(Answer answer, TransactionEnd transaction, boolean own, Settlement underRetry,
			Settlement underHold) {
		Ending ending = new Ending(answer, true, transaction, own);

		assertThat(Settlement.of(ending, OnUnknown.RETRY)).isEqualTo(underRetry);
		assertThat(Settlement.of(ending, OnUnknown.HOLD)).isEqualTo(underHold);
	}

	static Stream<Arguments> table() {
		return Stream.of(
				row(Answer.RETURNED, TransactionEnd.NONE, false, Settlement.RECORD_VALUE, Settlement.RECORD_VALUE),
				row(Answer.RETURNED, TransactionEnd.COMMITTED, true, Settlement.RECORD_VALUE, Settlement.RECORD_VALUE),
				row(Answer.RETURNED, TransactionEnd.COMMITTED, false, Settlement.RECORD_VALUE, Settlement.RECORD_VALUE),
				row(Answer.RETURNED, TransactionEnd.COMMITTED_READ_ONLY, true, Settlement.RECORD_VALUE,
						Settlement.RECORD_VALUE),
				row(Answer.RETURNED, TransactionEnd.ROLLED_BACK, true, Settlement.FAIL, Settlement.HOLD_UNKNOWN),
				row(Answer.RETURNED, TransactionEnd.ROLLED_BACK, false, Settlement.FAIL, Settlement.HOLD_UNKNOWN),
				row(Answer.RETURNED, TransactionEnd.UNKNOWN, true, Settlement.LEAVE, Settlement.LEAVE),
				row(Answer.RETURNED_TO_FORGET, TransactionEnd.NONE, false, Settlement.FORGET, Settlement.FORGET),
				row(Answer.THREW, TransactionEnd.NONE, false, Settlement.FAIL, Settlement.HOLD_UNKNOWN),
				row(Answer.THREW, TransactionEnd.ROLLED_BACK, true, Settlement.FAIL, Settlement.HOLD_UNKNOWN),
				row(Answer.THREW, TransactionEnd.COMMITTED, true, Settlement.RECORD_COMMITTED_FAILURE,
						Settlement.RECORD_COMMITTED_FAILURE),
				row(Answer.THREW, TransactionEnd.COMMITTED_READ_ONLY, true, Settlement.FAIL, Settlement.HOLD_UNKNOWN),
				row(Answer.THREW, TransactionEnd.UNKNOWN, true, Settlement.LEAVE, Settlement.LEAVE),
				row(Answer.THREW_REMEMBERED, TransactionEnd.NONE, false, Settlement.REMEMBER_FAILURE,
						Settlement.REMEMBER_FAILURE),
				row(Answer.THREW_REMEMBERED, TransactionEnd.ROLLED_BACK, true, Settlement.REMEMBER_FAILURE,
						Settlement.REMEMBER_FAILURE),
				row(Answer.THREW_REMEMBERED, TransactionEnd.COMMITTED, true, Settlement.RECORD_COMMITTED_FAILURE,
						Settlement.RECORD_COMMITTED_FAILURE),
				row(Answer.THREW_REMEMBERED, TransactionEnd.UNKNOWN, true, Settlement.LEAVE, Settlement.LEAVE),
				row(Answer.THREW_WITHOUT_EFFECT, TransactionEnd.NONE, false, Settlement.FAIL, Settlement.FAIL),
				row(Answer.THREW_WITHOUT_EFFECT, TransactionEnd.COMMITTED, true, Settlement.RECORD_COMMITTED_FAILURE,
						Settlement.RECORD_COMMITTED_FAILURE));
	}

	@ParameterizedTest
	@EnumSource(names = { "THREW", "THREW_REMEMBERED", "THREW_WITHOUT_EFFECT" })
	void whatThrewBeforeTheWorkBeganIsForgotten(Answer answer) {
		Ending ending = new Ending(answer, false, TransactionEnd.NONE, false);

		assertThat(Settlement.of(ending, OnUnknown.HOLD)).isEqualTo(Settlement.FORGET);
		assertThat(Settlement.of(ending, OnUnknown.RETRY)).isEqualTo(Settlement.FORGET);
	}

	private static Arguments row(Answer answer, TransactionEnd transaction, boolean own, Settlement underRetry,
			Settlement underHold) {
		return arguments(answer, transaction, own, underRetry, underHold);
	}

}
