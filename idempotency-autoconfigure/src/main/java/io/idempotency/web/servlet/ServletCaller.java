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

package io.idempotency.web.servlet;

import java.security.Principal;
import java.util.Collections;
import java.util.List;

import io.idempotency.web.HttpCaller;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * The caller of a servlet request.
 *
 * @param request the request, as it is behind authentication
 */
record ServletCaller(HttpServletRequest request) implements HttpCaller {

	@Override
	public @Nullable Principal principal() {
		return this.request.getUserPrincipal();
	}

	@Override
	public List<String> header(String name) {
		return Collections.list(this.request.getHeaders(name));
	}

	@Override
	public String path() {
		return this.request.getRequestURI();
	}

}
