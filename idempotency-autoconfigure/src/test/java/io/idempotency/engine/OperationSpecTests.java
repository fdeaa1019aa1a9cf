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

import java.time.Duration;
import java.util.function.Consumer;

import io.idempotency.store.memory.MemoryIdempotencyStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class OperationSpecTests {

	private final MemoryIdempotencyStore store = new MemoryIdempotencyStore();

	@ParameterizedTest
	@ValueSource(strings = { "PT0S", "PT0.099S", "PT-1S", "P366D", "PT2562047788015215H", "PT-2562047788015215H" })
	void leaseTooShortOrTooLongIsRefused(Duration lease) {
		assertRefused((settings) -> settings.lease(lease), "lease=" + lease);
	}

	@ParameterizedTest
	@ValueSource(strings = { "PT-1S", "P366D", "PT2562047788015215H", "PT-2562047788015215H" })
	void waitThatIsNegativeOrTooLongIsRefused(Duration wait) {
		assertRefused((settings) -> settings.waitTimeout(wait), "wait-timeout=" + wait);
	}

	@Test
	void retentionThatIsNotPositiveIsRefused() {
		assertRefused((settings) -> settings.ttl(Duration.ZERO), "ttl=PT0S");
		assertRefused((settings) -> settings.failureTtl(Duration.ofSeconds(-1)), "failure-ttl=PT-1S");
	}

	@Test
	void leaseAndWaitMayBeAYear() {
		Duration year = Duration.ofDays(365);

		OperationSpec spec = spec(OperationSettings.builder().lease(year).waitTimeout(year).build());

		assertThat(spec.lease()).isEqualTo(year);
		assertThat(spec.waitTimeout()).isEqualTo(year);
	}

	private void assertRefused(Consumer<OperationSettings.Builder> setting, String what) {
		OperationSettings.Builder settings = OperationSettings.builder();
		setting.accept(settings);
		assertThatExceptionOfType(InvalidOperationException.class).isThrownBy(() -> spec(settings.build()))
			.withMessageContaining("'charge'")
			.withMessageContaining(what);
	}

	private OperationSpec spec(OperationSettings settings) {
		return OperationSpec.of("charge", String.class, false, settings, this.store);
	}

}
