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

package io.idempotency.boot3;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

/**
 * An answer that no second run would give.
 *
 * @param id of this run
 * @param amount what was asked for
 * @param at when it was done
 */
record Receipt(UUID id, BigDecimal amount, Instant at) {

	static Receipt of(BigDecimal amount) {
		return new Receipt(UUID.randomUUID(), amount, Instant.now());
	}

}
