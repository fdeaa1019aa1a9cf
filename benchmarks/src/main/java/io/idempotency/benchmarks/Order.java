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
 * What the work is asked for, about as long as such requests are.
 *
 * @param id the order's
 * @param customer who orders
 * @param currency of the amount
 * @param amount in the currency's smallest unit
 * @param note some more text
 */
record Order(String id, String customer, String currency, long amount, String note) {

}
