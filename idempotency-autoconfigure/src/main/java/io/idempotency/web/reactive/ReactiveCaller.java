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

package io.idempotency.web.reactive;

import java.security.Principal;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.web.HttpCaller;
import org.jspecify.annotations.Nullable;

import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * The caller of a reactive request.
 *
 * @param principal who was authenticated, if anybody was
 * @param request the request with the headers that tell of the caller
 * @param path the path that was asked for, which a filter may have changed since
 */
record ReactiveCaller(@Nullable Principal principal, ServerHttpRequest request, String path) implements HttpCaller {

	@Override
	public List<String> header(String name) {
		return lines(this.request, name);
	}

	/** Through the one method that headers have in each version of Spring. */
	static List<String> lines(ServerHttpRequest request, String header) {
		List<String> lines = new ArrayList<>();
		request.getHeaders().forEach((name, values) -> {
			if (name.equalsIgnoreCase(header)) {
				lines.addAll(values);
			}
		});
		return lines;
	}

}
