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

package io.idempotency.web.conformance;

import io.idempotency.IdempotencyIgnore;
import io.idempotency.Idempotent;
import io.idempotency.OnConcurrent;
import io.idempotency.web.conformance.Desk.Receipt;
import org.jspecify.annotations.Nullable;

/**
 * A guarded service that knows nothing of HTTP.
 */
class LedgerService {

	private final Desk desk;

	LedgerService(Desk desk) {
		this.desk = desk;
	}

	@Idempotent(key = "#key", operation = "ledger-charge", onConcurrent = OnConcurrent.REJECT)
	Receipt charge(@Nullable String key, int amount, @IdempotencyIgnore String probe,
			@IdempotencyIgnore @Nullable String gate) {
		return this.desk.work(probe, gate);
	}

}
