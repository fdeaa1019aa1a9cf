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

import java.util.List;

/**
 * Makes one scope of what several resolvers say, so that different answers never make the
 * same scope. Order and number of the resolvers are part of the scope: a change of them
 * loses the keys of before. Immutable.
 */
public final class Scopes {

	private final List<ScopeResolver> resolvers;

	/**
	 * Create the scope of several resolvers.
	 * @param resolvers the resolvers; none puts all callers into one scope
	 */
	public Scopes(List<? extends ScopeResolver> resolvers) {
		this.resolvers = List.copyOf(resolvers);
	}

	/**
	 * Return a caller's scope.
	 * @param caller who sends the request
	 * @return the scope; empty if there are no resolvers
	 */
	public String of(HttpCaller caller) {
		StringBuilder scope = new StringBuilder();
		for (ScopeResolver resolver : this.resolvers) {
			String part = resolver.resolve(caller);
			if (part == null) {
				scope.append('-');
			}
			else {
				scope.append(part.length()).append(':').append(part);
			}
		}
		return scope.toString();
	}

}
