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

	private final AnonymousCallers anonymous;

	/**
	 * Create the scope of several resolvers.
	 * @param resolvers the resolvers; none puts all callers into one scope
	 * @param anonymous what becomes of callers for whom none of them has an answer
	 * @throws IllegalArgumentException if there are no resolvers and anonymous callers
	 * are refused, which would be everybody
	 */
	public Scopes(List<? extends ScopeResolver> resolvers, AnonymousCallers anonymous) {
		this.resolvers = List.copyOf(resolvers);
		this.anonymous = anonymous;
		if (resolvers.isEmpty() && anonymous == AnonymousCallers.REFUSED) {
			throw new IllegalArgumentException(
					"Nothing tells callers apart, so that all would be refused: use the principal or a header, or "
							+ "define a ScopeResolver bean");
		}
	}

	/**
	 * Return a caller's scope.
	 * @param caller who sends the request
	 * @return the scope; empty if there are no resolvers
	 * @throws ProblemException if nothing is known of the caller and such callers are
	 * refused
	 */
	public String of(HttpCaller caller) {
		StringBuilder scope = new StringBuilder();
		boolean known = false;
		for (ScopeResolver resolver : this.resolvers) {
			String part = resolver.resolve(caller);
			known |= part != null;
			if (part == null) {
				scope.append('-');
			}
			else {
				scope.append(part.length()).append(':').append(part);
			}
		}
		if (!known && this.anonymous == AnonymousCallers.REFUSED) {
			throw new ProblemException(new Problem(ProblemType.ANONYMOUS_CALLER, "", null));
		}
		return scope.toString();
	}

}
