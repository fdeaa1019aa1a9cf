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

import io.idempotency.web.HttpResolutions;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * What {@code docs/http.md} shows to operators, word by word.
 */
// region resolutions
@Component
class PaymentOperators {

	private final HttpResolutions resolutions;

	PaymentOperators(HttpResolutions resolutions) {
		this.resolutions = resolutions;
	}

	void charged(String key, String customer, byte[] receipt) {
		HttpHeaders headers = new HttpHeaders();
		headers.setContentType(MediaType.APPLICATION_JSON);
		this.resolutions.resolve("charge", key).principal(customer).answered(201, headers, receipt);
	}

	void declined(String key, String customer) {
		this.resolutions.resolve("charge", key).principal(customer).failed(402, "The card has expired");
	}

	void notCharged(String key, String customer) {
		this.resolutions.resolve("charge", key).principal(customer).runAgain();
	}

}
// endregion
