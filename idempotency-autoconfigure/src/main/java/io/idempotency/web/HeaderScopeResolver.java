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

import org.jspecify.annotations.Nullable;

/**
 * Takes the scope from a header, such as one that names the tenant. Trust it only as far
 * as the header: where clients can send what they like, it belongs beside the
 * {@link PrincipalScopeResolver} and not in its place.
 */
public final class HeaderScopeResolver implements ScopeResolver {

	private final String header;

	/**
	 * Create a resolver.
	 * @param header the name of the header
	 * @throws IllegalArgumentException if the name cannot be one of a header
	 */
	public HeaderScopeResolver(String header) {
		if (!FieldSyntax.isToken(header)) {
			throw new IllegalArgumentException("'" + header + "' is not the name of a header");
		}
		this.header = header;
	}

	/**
	 * Return the value of the header, without spaces around it. Several lines count as
	 * one that has commas between them. A header without a value names nobody: its caller
	 * has no scope, as if the header were not there.
	 */
	@Override
	public @Nullable String resolve(HttpCaller caller) {
		List<String> lines = caller.header(this.header);
		boolean blank = lines.stream().allMatch((line) -> FieldSyntax.trim(line).isEmpty());
		return blank ? null : FieldSyntax.trim(String.join(", ", lines));
	}

}
