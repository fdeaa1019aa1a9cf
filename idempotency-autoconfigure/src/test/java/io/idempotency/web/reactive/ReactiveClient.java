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

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts a reactive application and sends requests to it.
 */
abstract class ReactiveClient {

	final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	ConfigurableApplicationContext application;

	int port;

	void start(Class<?> source, Map<String, Object> settings) {
		SpringApplication starter = new SpringApplication(source);
		starter.setWebApplicationType(WebApplicationType.REACTIVE);
		Map<String, Object> properties = new LinkedHashMap<>(settings);
		properties.put("server.port", "0");
		properties.putIfAbsent("idempotency.store", "memory");
		starter.setDefaultProperties(properties);
		this.application = starter.run();
		this.port = Integer.parseInt(this.application.getEnvironment().getProperty("local.server.port"));
	}

	HttpResponse<byte[]> post(String path, @Nullable String key, String body) throws Exception {
		return send(request(path, key, body));
	}

	HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
		return this.client.send(request.build(), BodyHandlers.ofByteArray());
	}

	HttpRequest.Builder request(String path, @Nullable String key, String body) {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + path))
			.header("Content-Type", "application/json")
			.timeout(Duration.ofSeconds(20))
			.POST(BodyPublishers.ofString(body));
		return (key != null) ? request.header("Idempotency-Key", key) : request;
	}

	static HttpRequest.Builder as(String credentials, HttpRequest.Builder request) {
		return request.header("Authorization",
				"Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.US_ASCII)));
	}

	static String text(HttpResponse<byte[]> response) {
		return new String(response.body(), StandardCharsets.UTF_8);
	}

	static String key() {
		return UUID.randomUUID().toString();
	}

}
