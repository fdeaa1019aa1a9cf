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
import java.util.Set;

/**
 * Spring Security's types that the contract knows, by name, so that Spring Security may
 * be absent.
 */
public final class SecurityTypes {

	private static final Set<String> REFUSALS = Set.of("org.springframework.security.access.AccessDeniedException",
			"org.springframework.security.core.AuthenticationException");

	private static final Set<String> ANONYMOUS = Set
		.of("org.springframework.security.authentication.AnonymousAuthenticationToken");

	private static final ClassValue<Boolean> REFUSAL = oneOf(REFUSALS);

	private static final ClassValue<Boolean> NOBODY = oneOf(ANONYMOUS);

	private SecurityTypes() {
	}

	/**
	 * Return whether a failure is Spring Security's way to refuse a caller.
	 * @param failure the failure
	 * @return whether it is
	 */
	public static boolean isRefusal(Throwable failure) {
		return REFUSAL.get(failure.getClass());
	}

	/**
	 * Return whether a principal is Spring Security's stand-in for nobody.
	 * @param principal the principal
	 * @return whether it is
	 */
	static boolean isAnonymous(Principal principal) {
		return NOBODY.get(principal.getClass());
	}

	private static ClassValue<Boolean> oneOf(Set<String> names) {
		return new ClassValue<>() {

			@Override
			protected Boolean computeValue(Class<?> type) {
				Class<?> next = type;
				while (next != null && !names.contains(next.getName())) {
					next = next.getSuperclass();
				}
				return next != null;
			}

		};
	}

}
