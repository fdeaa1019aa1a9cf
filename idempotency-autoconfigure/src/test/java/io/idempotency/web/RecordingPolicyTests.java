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

package io.idempotency.web;

import java.util.Set;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class RecordingPolicyTests {

	private static final Set<Integer> NEVER = Set.of(401, 403, 408, 425, 429);

	@ParameterizedTest
	@EnumSource
	void statusDecides(ServerErrors serverErrors) {
		RecordingPolicy policy = new RecordingPolicy(serverErrors);

		for (int status = 200; status < 600; status++) {
			assertThat(policy.of(status)).as("%d", status).isEqualTo(expected(status, serverErrors));
		}
	}

	private static Retention expected(int status, ServerErrors serverErrors) {
		if (status < 400) {
			return Retention.RESULT;
		}
		if (NEVER.contains(status) || (status >= 500 && serverErrors == ServerErrors.RELEASE)) {
			return Retention.NONE;
		}
		return Retention.FAILURE;
	}

	@ParameterizedTest
	@ValueSource(ints = { -200, -1, 0, 99, 100, 101, 103, 199, 600, 999, Integer.MAX_VALUE, Integer.MIN_VALUE })
	void whatIsNoFinalStatusIsNotKept(int status) {
		assertThat(new RecordingPolicy(ServerErrors.REPLAY).of(status)).isEqualTo(Retention.NONE);
	}

}
