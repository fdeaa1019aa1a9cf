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

import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;

/**
 * The descriptions of what a guarded handler's clients get besides its own answers.
 */
final class GuardedAnswers {

	private static final String INVALID = "The idempotency key is missing or not usable (`missing-key`,"
			+ " `invalid-key`), or the body can be read in two ways (`ambiguous-body`). Nothing was done.";

	private static final String CONFLICT = "An earlier request with this key is in progress (`in-progress`,"
			+ " `lease-lost`: send this one again later), its response cannot be sent again"
			+ " (`response-not-replayable`), or it is not known whether it was carried out (`outcome-unknown`).";

	private static final String REUSED = "The key belongs to an earlier request that asked for something else"
			+ " (`key-reused`). Nothing was done.";

	private GuardedAnswers() {
	}

	static void addTo(Operation operation) {
		ApiResponses responses = operation.getResponses();
		if (responses == null) {
			responses = new ApiResponses();
			operation.setResponses(responses);
		}
		responses.forEach(GuardedAnswers::markReplays);
		responses.putIfAbsent("400", problem(INVALID));
		responses.putIfAbsent("409", problem(CONFLICT).addHeaderObject("Retry-After",
				header("integer", "Seconds to wait before the same request is sent again.")));
		responses.putIfAbsent("422", problem(REUSED));
	}

	private static void markReplays(String status, ApiResponse response) {
		boolean recorded = status.startsWith("2") || status.startsWith("3");
		if (recorded && response.get$ref() == null) {
			response.addHeaderObject("Idempotent-Replayed",
					header("boolean", "There, and true, if this is the recorded response to an earlier request."));
		}
	}

	private static ApiResponse problem(String description) {
		MediaType problem = new MediaType().schema(Schemas.problem());
		return new ApiResponse().description(description)
			.content(new Content().addMediaType("application/problem+json", problem));
	}

	private static Header header(String type, String description) {
		return new Header().description(description).schema(Schemas.of(type));
	}

}
