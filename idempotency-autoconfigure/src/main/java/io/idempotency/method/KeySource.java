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

package io.idempotency.method;

/**
 * Where the key of a method's calls comes from.
 */
enum KeySource {

	/** The annotation's expression. */
	EXPRESSION("key expression"),

	/** The parameters marked {@link io.idempotency.IdempotencyKey}. */
	PARAMETER("@IdempotencyKey"),

	/** A digest of all arguments. */
	ARGUMENTS("all arguments"),

	/** The edge that calls the method, such as a header of the request. */
	EDGE("the caller's request"),

	/** Nothing: the window alone identifies the call. */
	WINDOW("window only");

	private final String description;

	KeySource(String description) {
		this.description = description;
	}

	@Override
	public String toString() {
		return this.description;
	}

}
