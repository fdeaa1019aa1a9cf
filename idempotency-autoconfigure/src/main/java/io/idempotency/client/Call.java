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

package io.idempotency.client;

import java.util.Map;

import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;

/**
 * One call, as the code that makes it sees it: a request and all repetitions of it by the
 * client's own filters and operators. Kept in the request's attributes.
 */
final class Call {

	static final String ATTRIBUTE = "io.idempotency.client.call";

	private final @Nullable IdempotencyContext context = IdempotencyContext.current().orElse(null);

	private final @Nullable String name = OutboundName.current();

	/**
	 * Return the call that a request belongs to; a new one, which begins here, if nothing
	 * else is known.
	 */
	static Call of(Map<String, Object> attributes) {
		return (attributes.get(ATTRIBUTE) instanceof Call call) ? call : new Call();
	}

	/** The run in which the call was begun. */
	@Nullable IdempotencyContext context() {
		return this.context;
	}

	/** The name under which the call was begun. */
	@Nullable String name() {
		return this.name;
	}

}
