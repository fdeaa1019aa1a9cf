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

package io.idempotency.benchmarks;

/**
 * What the work answers.
 *
 * @param id the order's
 * @param status how it went
 * @param note some more text, so that it is about as long as an answer is
 */
record Receipt(String id, String status, String note) {

	static Receipt of(String id) {
		return new Receipt(id, "ACCEPTED", "to be delivered to the address that was given with the order, in two days");
	}

}
