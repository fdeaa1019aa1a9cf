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

package io.idempotency.web.openapi;

import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.parameters.Parameter;

/**
 * The description of the header that carries the key.
 */
final class KeyParameter {

	private static final String DESCRIPTION = "Identifies this request, so that it is carried out once, however often"
			+ " it is sent. Send a new key with each new request, and the same key with its retries. A quoted string of"
			+ " 1 to 255 printable ASCII characters, such as a UUID.";

	private static final String EXAMPLE = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";

	private KeyParameter() {
	}

	static Parameter of(String name, boolean required) {
		return new HeaderParameter().name(name)
			.required(required)
			.description(DESCRIPTION)
			.schema(Schemas.of("string"))
			.example(EXAMPLE);
	}

}
