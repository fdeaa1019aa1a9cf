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

package io.idempotency.sample;

import java.net.URI;
import java.util.List;
import java.util.UUID;

import com.jayway.jsonpath.JsonPath;
import io.idempotency.test.servers.PostgresServer;
import io.idempotency.web.conformance.EndpointConformance;
import io.idempotency.web.conformance.EndpointRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The payments of the sample, in a process of its own, follow the rules that each guarded
 * endpoint follows.
 */
class PaymentsConformanceIntegrationTests extends EndpointConformance {

	private static final PostgresServer.Database DATABASE = PostgresServer.shared().createDatabase();

	private static SampleProcess process;

	private static SampleClient client;

	@BeforeAll
	static void start() {
		process = SampleProcess
			.start(List.of("--spring.datasource.url=" + DATABASE.jdbcUrl(), "--sample.gateway.read-timeout=60s"));
		client = process.client();
	}

	@AfterAll
	static void stop() {
		process.close();
		DATABASE.close();
	}

	@Override
	protected URI baseUrl() {
		return URI.create(client.url());
	}

	@Override
	protected EndpointRequest newRequest() {
		return EndpointRequest.post("/payments", """
				{"orderId":"order-%s","customerId":"customer-1","amount":49.90,"currency":"EUR"}"""
			.formatted(UUID.randomUUID()));
	}

	@Override
	protected int effects(EndpointRequest request) {
		String order = JsonPath.read(request.body(), "$.orderId");
		int charges = client.list("/gateway/charges?orderId=" + order).size();
		assertThat(client.list("/payments?orderId=" + order)).hasSize(charges);
		return charges;
	}

}
