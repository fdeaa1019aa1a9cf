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

package io.idempotency.boot3;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A system that the work calls, which notes the key of each request.
 */
class OtherSystem implements AutoCloseable {

	private final List<String> keys = new CopyOnWriteArrayList<>();

	private final HttpServer server;

	OtherSystem() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 0);
		this.server.createContext("/", this::answer);
		this.server.start();
	}

	private void answer(HttpExchange exchange) throws IOException {
		this.keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")));
		exchange.sendResponseHeaders(204, -1);
		exchange.close();
	}

	String host() {
		return "localhost:" + this.server.getAddress().getPort();
	}

	List<String> keys() {
		return this.keys;
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
