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

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

@SpringBootTest(classes = ReactiveConformanceApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = ReactiveConformanceApplication.REACTIVE)
class NettyConformanceIntegrationTests extends HttpConformance {

	private static final Map<String, String> NOT_OFFERED = Map.of( //
			"/status/*/sent", "WebFlux has no sendError and no ERROR dispatch: failures are answered in place",
			"/forwarded/**", "WebFlux has no FORWARD dispatch");

	@LocalServerPort
	private int port;

	@Override
	URI baseUrl() {
		return URI.create("http://localhost:" + this.port);
	}

	@Override
	public Map<String, String> notOffered() {
		return NOT_OFFERED;
	}

}
