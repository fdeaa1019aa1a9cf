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
package io.idempotency.chaos;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The processes of a test, one of them with JPA. One that is killed is replaced.
 */
final class Fleet implements AutoCloseable {

	static final int SIZE = 3;

	private final AtomicReferenceArray<Instance> instances = new AtomicReferenceArray<>(SIZE);

	private final String jdbcUrl;

	Fleet(String jdbcUrl) {
		this.jdbcUrl = jdbcUrl;
		for (int i = 0; i < SIZE; i++) {
			this.instances.set(i, start(i));
		}
	}

	private Instance start(int index) {
		// The proxy does not see the text of a statement that the server knows by name
		return Instance.start(List.of((index == 0) ? "jpa" : "jdbc",
				"--spring.datasource.url=" + this.jdbcUrl + "&prepareThreshold=0&ApplicationName=payments",
				"--spring.datasource.hikari.maximum-pool-size=" + (2 * PaymentsProcess.THREADS),
				"--spring.datasource.hikari.minimum-idle=2", "--spring.datasource.hikari.connection-timeout=5000",
				"--spring.jpa.hibernate.ddl-auto=none", "--spring.jpa.open-in-view=false",
				"--idempotency.sql.flyway=false", "--idempotency.sql.initialize-schema=never", "--idempotency.lease=1s",
				"--idempotency.wait-timeout=2s", "--idempotency.failure-ttl=1h",
				"--logging.level.root=" + System.getProperty("idempotency.chaos.log", "off")));
	}

	/**
	 * Make a call.
	 * @param index which process is called
	 * @param call the call
	 * @return what came back
	 */
	Reply call(int index, Call call) throws Exception {
		Instance instance = this.instances.get(index);
		instance.awaitReady();
		return instance.send(call).get(60, TimeUnit.SECONDS);
	}

	void awaitReady() {
		for (int i = 0; i < SIZE; i++) {
			this.instances.get(i).awaitReady();
		}
	}

	void killAndReplace(int index) {
		Instance killed = this.instances.get(index);
		killed.awaitReady();
		this.instances.set(index, start(index));
		killed.close();
	}

	void pause(int index) {
		this.instances.get(index).pause();
	}

	void resume(int index) {
		this.instances.get(index).resume();
	}

	@Override
	public void close() {
		for (int i = 0; i < SIZE; i++) {
			this.instances.get(i).close();
		}
	}

}
