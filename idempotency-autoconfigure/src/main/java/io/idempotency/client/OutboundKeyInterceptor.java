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

package io.idempotency.client;

import java.io.IOException;
import java.util.Map;

import io.idempotency.IdempotencyContext;

import org.springframework.core.Ordered;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Sends {@linkplain OutboundKeys keys} by a {@code RestClient} or {@code RestTemplate}.
 * It belongs before all other interceptors: one that repeats the request then repeats it
 * with its key, and one that looks up an instance of a service does not change the key.
 */
public final class OutboundKeyInterceptor implements ClientHttpRequestInterceptor, Ordered {

	private final OutboundKeys keys;

	/**
	 * Create an interceptor.
	 * @param keys tells which requests get which key
	 */
	public OutboundKeyInterceptor(OutboundKeys keys) {
		this.keys = keys;
	}

	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		if (request.getHeaders().getFirst(this.keys.header()) == null) {
			Map<String, Object> attributes = request.getAttributes();
			Call call = Call.of(attributes);
			// Whoever comes by with this request again repeats the same call
			attributes.put(Call.ATTRIBUTE, call);
			String value = this.keys.value(request.getMethod(), request.getURI(), attributes, call,
					IdempotencyContext.current().orElse(null));
			if (value != null) {
				request.getHeaders().set(this.keys.header(), value);
			}
		}
		return execution.execute(request, body);
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

}
