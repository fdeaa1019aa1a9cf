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

package io.idempotency.messaging.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import org.springframework.kafka.support.Acknowledgment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link KeptAcknowledgment}, of a listener that got the records 0 and 2 of
 * three.
 */
class KeptAcknowledgmentTests {

	private final List<String> told = new ArrayList<>();

	private final KeptAcknowledgment kept = new KeptAcknowledgment(new RecordingAcknowledgment(), List.of(0, 2));

	@Test
	void acknowledgmentIsPassedOnWhenAllIsDone() {
		this.kept.acknowledge();
		assertThat(this.told).isEmpty();

		this.kept.settle(3, 3);

		assertThat(this.told).containsExactly("all");
	}

	@Test
	void lateAcknowledgmentIsPassedOnWhereAllIsDone() {
		this.kept.settle(3, 3);

		this.kept.acknowledge(1);
		this.kept.acknowledge();

		assertThat(this.told).containsExactly("up to 2", "all");
	}

	@Test
	void lateAcknowledgmentIsIgnoredWhereARecordIsNotDone() {
		this.kept.settle(1, 3);

		this.kept.acknowledge(1);
		this.kept.acknowledge();

		assertThat(this.told).isEmpty();
	}

	@Test
	void lateAcknowledgmentIsIgnoredWhereTheListenerGaveBack() {
		this.kept.nack(1, Duration.ofMillis(5));
		this.kept.settle(2, 3);

		this.kept.acknowledge(1);
		this.kept.acknowledge();

		assertThat(this.told).containsExactly("back from 2 after PT0.005S");
	}

	@Test
	void lateGivingBackIsRefused() {
		this.kept.settle(3, 3);

		assertThatIllegalStateException().isThrownBy(() -> this.kept.nack(1, Duration.ZERO));
		assertThatIllegalStateException().isThrownBy(() -> this.kept.nack(Duration.ZERO));
		assertThat(this.told).isEmpty();
	}

	@Test
	void orderOfCommitsIsThatOfTheContainer() {
		assertThat(this.kept.isOutOfOrderCommit()).isTrue();
	}

	private final class RecordingAcknowledgment implements Acknowledgment {

		@Override
		public void acknowledge() {
			KeptAcknowledgmentTests.this.told.add("all");
		}

		@Override
		public boolean isOutOfOrderCommit() {
			return true;
		}

		@Override
		public void acknowledge(int index) {
			KeptAcknowledgmentTests.this.told.add("up to " + index);
		}

		@Override
		public void nack(int index, Duration sleep) {
			KeptAcknowledgmentTests.this.told.add("back from " + index + " after " + sleep);
		}

	}

}
