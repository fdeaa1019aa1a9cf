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

import java.security.Principal;

import org.jspecify.annotations.Nullable;

/**
 * Takes the scope from the name of the authenticated principal, which stays the same when
 * its token or session changes. Where two principals may have one name, as with several
 * issuers of tokens, a resolver of the application's own has to tell them apart.
 */
public final class PrincipalScopeResolver implements ScopeResolver {

	/**
	 * Return the principal's name, or {@code null} if there is no principal or Spring
	 * Security's stand-in for nobody.
	 * @throws IllegalStateException if the principal has no name
	 */
	@Override
	public @Nullable String resolve(HttpCaller caller) {
		Principal principal = caller.principal();
		if (principal == null || SecurityTypes.isAnonymous(principal)) {
			return null;
		}
		String name = principal.getName();
		if (name == null) {
			throw new IllegalStateException("The principal, a " + principal.getClass().getName()
					+ ", has no name to keep its idempotency keys apart: define a ScopeResolver bean");
		}
		return name;
	}

}
