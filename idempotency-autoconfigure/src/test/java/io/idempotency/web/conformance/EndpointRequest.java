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

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request to a guarded endpoint, without its key.
 *
 * @param method the HTTP method
 * @param target the path, and the query if there is one
 * @param headers the header lines, such as those that name the caller
 * @param body the body, to which white space can be added in front without a change of
 * its meaning
 */
public record EndpointRequest(String method, String target, Map<String, String> headers, String body) {

	public EndpointRequest {
		headers = Map.copyOf(headers);
	}

	/**
	 * Create a POST request with JSON in its body.
	 * @param target the path, and the query if there is one
	 * @param json the body
	 * @return the request
	 */
	public static EndpointRequest post(String target, String json) {
		return new EndpointRequest("POST", target, Map.of("Content-Type", "application/json"), json);
	}

	/**
	 * Add a header line.
	 * @param name its name
	 * @param value its value
	 * @return the request with this line
	 */
	public EndpointRequest header(String name, String value) {
		Map<String, String> more = new LinkedHashMap<>(this.headers);
		more.put(name, value);
		return new EndpointRequest(this.method, this.target, more, this.body);
	}

}
