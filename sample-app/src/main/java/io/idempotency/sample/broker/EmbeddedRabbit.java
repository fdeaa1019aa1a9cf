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

package io.idempotency.sample.broker;

import java.util.Map;
import java.util.Objects;

import org.apache.qpid.server.SystemLauncher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker that speaks the protocol of RabbitMQ, an Apache Qpid, whose messages end with
 * it.
 */
final class EmbeddedRabbit implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(EmbeddedRabbit.class);

	private final SystemLauncher launcher = new SystemLauncher();

	private final int port;

	EmbeddedRabbit() {
		try {
			this.port = FreePort.find();
			String configuration = Objects.requireNonNull(EmbeddedRabbit.class.getResource("embedded-rabbit.json"))
				.toString();
			this.launcher.startup(Map.of("type", "Memory", "initialConfigurationLocation", configuration, "context",
					Map.of("sample.port", String.valueOf(this.port)), "startupLoggedToSystemOut", false));
		}
		catch (Exception ex) {
			throw new IllegalStateException("The embedded broker did not start", ex);
		}
	}

	int port() {
		return this.port;
	}

	@Override
	public void close() {
		try {
			this.launcher.shutdown();
		}
		catch (IllegalStateException ex) {
			logger.debug("The broker has ended already, as it does by itself with the JVM", ex);
		}
	}

}
