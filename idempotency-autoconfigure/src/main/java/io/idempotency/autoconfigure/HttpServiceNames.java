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

package io.idempotency.autoconfigure;

import io.idempotency.client.OutboundCallNames;

import org.springframework.web.service.registry.HttpServiceGroupConfigurer;

/**
 * Reads {@link io.idempotency.client.OutboundCall} in groups of HTTP services, which
 * Spring Framework has from version 7 on. Unlike a resolver of arguments it also sees
 * methods without any.
 */
final class HttpServiceNames {

	private HttpServiceNames() {
	}

	static <B> void read(HttpServiceGroupConfigurer.Groups<B> groups) {
		groups.forEachProxyFactory((group, factory) -> factory.httpRequestValuesProcessor(
				(method, parameters, arguments, request) -> OutboundCallNames.name(method, request)));
	}

}
