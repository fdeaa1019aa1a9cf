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

package io.idempotency.web;

import org.jspecify.annotations.Nullable;

/**
 * Says whom the keys of a caller belong to, for instance a tenant or a user: two callers
 * with different scopes never meet, whatever keys they send. A bean of this type takes
 * part in the scope of each request.
 *
 * <p>
 * Called once for each request that carries a key, by many threads; on WebFlux they must
 * not be blocked. An exception ends the request before anything is recorded. A scope must
 * outlive what comes and goes, such as sessions and tokens, or a retry with a new one
 * runs again; and it must come from where callers cannot forge it.
 */
@FunctionalInterface
public interface ScopeResolver {

	/**
	 * Return the caller's scope.
	 * @param caller who sends the request
	 * @return the scope, or {@code null} if the caller has none of this kind, which is
	 * different from each scope that there is
	 */
	@Nullable String resolve(HttpCaller caller);

}
