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

import java.util.Map;

import org.springframework.util.AntPathMatcher;
import org.springframework.util.PathMatcher;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * What all groups of rules share: the conformance API.
 */
interface Conformance extends Expectations {

	/** Compares paths with patterns. */
	PathMatcher PATHS = new AntPathMatcher();

	ConformanceApi api();

	/**
	 * Return what the server does not offer.
	 * @return the reason for each pattern of paths
	 */
	default Map<String, String> notOffered() {
		return Map.of();
	}

	/**
	 * Prepare a request with a key of its own. A rule for what the server does not offer
	 * is skipped.
	 */
	default Call post(String target) {
		notOffered().forEach((pattern, reason) -> assumeFalse(PATHS.match(pattern, target), target + ": " + reason));
		return api().post(target);
	}

}
