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

package io.idempotency.store;

import java.util.Arrays;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class CheckpointsTests {

	private static final RecordId ID = RecordId.of(new byte[RecordId.LENGTH]);

	@Test
	void nothingWasAppended() {
		assertThat(Checkpoints.read(ID, null)).isEmpty();
		assertThat(Checkpoints.read(ID, new byte[0])).isEmpty();
	}

	@Test
	void entryOfANewerVersionIsNotTakenForAStepThatWasNotDone() {
		byte[] newer = Checkpoints.entry("charge", StoredOutcome.noValue());
		newer[0] = 2;

		assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> Checkpoints.read(ID, newer));
	}

	@Test
	void kindThatIsNotKnownIsNotTakenForAStepThatWasNotDone() {
		byte[] newer = Checkpoints.entry("charge", StoredOutcome.noValue());
		newer[1] = 9;

		assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> Checkpoints.read(ID, newer));
	}

	@Test
	void entryThatWasCutOffIsRefusedWhereverItEnds() {
		byte[] entry = Checkpoints.entry("charge", StoredOutcome.value(new byte[] { 1, 2, 3 }));

		for (int length = 1; length < entry.length; length++) {
			byte[] cut = Arrays.copyOf(entry, length);
			assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> Checkpoints.read(ID, cut));
		}
	}

	@Test
	void formatIsKept() {
		assertThat(Checkpoints.entry("é", StoredOutcome.value(new byte[] { 7 }))).containsExactly(1, 0, 0, 2, 0, 0, 0,
				1, 0xC3, 0xA9, 7);
	}

	@Test
	void nameHasAtLeastOneCharacterAndNotTooMany() {
		assertThatIllegalArgumentException().isThrownBy(() -> Checkpoints.entry("", StoredOutcome.noValue()));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Checkpoints.entry("x".repeat(Checkpoints.LONGEST_NAME + 1), StoredOutcome.noValue()));
	}

}
