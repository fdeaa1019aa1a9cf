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

import java.net.URI;
import java.util.Map;

/**
 * The rules of idempotency over HTTP that each guarded endpoint follows, against one
 * endpoint of a running server. A subclass says where the server is, which requests
 * succeed, and how often each of them took effect; nothing else is known of the
 * application. With the settings of the library as they are, all rules hold; one that an
 * application changes on purpose is overridden.
 *
 * <p>
 * The endpoint requires a key, accepts an unknown query parameter, and answers what the
 * library refuses by its problem details. The subclass may run in any process.
 */
public abstract class EndpointConformance implements EndpointRules {

	/**
	 * Return where the server is.
	 * @return a URL with host and port
	 */
	protected abstract URI baseUrl();

	/**
	 * Make a request that succeeds. None is like another: their bodies differ, and the
	 * effect of each can be told.
	 * @return the request
	 */
	protected abstract EndpointRequest newRequest();

	/**
	 * Count the effects of a request where they are: in a ledger, in a table.
	 * @param request what was made by {@link #newRequest()}
	 * @return how often it took effect
	 */
	protected abstract int effects(EndpointRequest request);

	@Override
	public final Call newCall() {
		EndpointRequest request = newRequest();
		Call call = new Call(new Server(baseUrl()), request.method(), request.target(), () -> effects(request));
		for (Map.Entry<String, String> header : request.headers().entrySet()) {
			call = call.header(header.getKey(), header.getValue());
		}
		return call.newKey().body(request.body());
	}

}
