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

package io.idempotency.key;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class IdentityTests {

	@Test
	void formIsFixed() {
		assertThat(Identity.of("", "charge", "", "order-1").toHex())
			.isEqualTo("fd0544c70507243c578b167c672fe362ba0cd96c747d37cc64305031ab0b458f");
		assertThat(Identity.of("tenant-\u00e4", "daily-report", "1d@Z/2026-07-10", "\ud83d\ude00").toHex())
			.isEqualTo("1a9d425269a8e83a7f47217e5d3854f4faa4b3245e1f27effa0d9b821c0c8183");
	}

	@Test
	void partsDoNotFlowIntoEachOther() {
		assertThat(List.of(Identity.of("a", "b", "c", "d"), Identity.of("ab", "", "c", "d"),
				Identity.of("", "ab", "c", "d"), Identity.of("a", "bc", "", "d"), Identity.of("a", "b", "", "cd"),
				Identity.of("a", "b", "cd", "")))
			.doesNotHaveDuplicates();
	}

}
