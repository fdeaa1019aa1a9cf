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

import io.swagger.v3.oas.models.media.Schema;

/**
 * Makes schemas that name their type in OpenAPI 3.0 and in 3.1, which read different
 * members.
 */
final class Schemas {

	private Schemas() {
	}

	static Schema<Object> of(String type) {
		Schema<Object> schema = new Schema<>();
		schema.setType(type);
		schema.addType(type);
		return schema;
	}

	/** What every problem has, in the order in which it is written. */
	static Schema<Object> problem() {
		Schema<Object> uri = of("string");
		uri.setFormat("uri");
		Schema<Object> problem = of("object");
		problem.addProperty("type", uri);
		problem.addProperty("title", of("string"));
		problem.addProperty("status", of("integer"));
		problem.addProperty("detail", of("string"));
		problem.addProperty("code", of("string"));
		problem.addProperty("reason", of("string"));
		problem.addProperty("operation", of("string"));
		return problem;
	}

}
