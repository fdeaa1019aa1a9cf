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

package io.idempotency.autoconfigure.endtoend;

import java.sql.SQLException;
import java.util.UUID;

import io.idempotency.test.servers.TcpProxy;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class H2EndToEndIntegrationTests extends SqlEndToEndIntegrationTests {

	private final Server server = startServer();

	private final String database = UUID.randomUUID().toString();

	private static Server startServer() {
		try {
			return Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	TcpProxy openProxy() {
		return TcpProxy.to("127.0.0.1", this.server.getPort());
	}

	@Override
	String[] properties() {
		return properties(this.server.getPort());
	}

	@Override
	String[] properties(TcpProxy proxy) {
		return properties(proxy.port());
	}

	private String[] properties(int port) {
		return new String[] { "idempotency.store=jpa",
				"spring.datasource.url=jdbc:h2:tcp://127.0.0.1:" + port + "/mem:" + this.database
						+ ";DB_CLOSE_DELAY=-1",
				"spring.datasource.username=sa",
				"spring.datasource.hikari.exception-override-class-name=" + EvictBrokenH2.class.getName(),
				"spring.datasource.hikari.connection-timeout=1000", "spring.datasource.hikari.validation-timeout=500",
				"spring.datasource.hikari.minimum-idle=1" };
	}

	@AfterAll
	void stopServer() {
		this.server.stop();
	}

	@Test
	void replayCostsOneStatementThatWritesNothing() throws Exception {
		ConfigurableApplicationContext instance = instances().startLogged(properties());
		String key = nextKey();
		guarded(instance).charge(key);

		logged(instance).take();
		guarded(instance).charge(key);

		assertThat(logged(instance).take()).containsExactly("select record");
	}

}
