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

package io.idempotency.messaging.storm;

import io.idempotency.test.servers.RabbitServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The storm on a real RabbitMQ. Each build has it with PostgreSQL here, and with Redis on
 * Qpid.
 */
class RabbitStormIntegrationTests extends MessageStorm {

	@Override
	StormBroker broker() throws Exception {
		return new AmqpStormBroker(RabbitServer.real());
	}

	@Test
	@Override
	@EnabledIfSystemProperty(named = "idempotency.proof", matches = "full",
			disabledReason = "A part of the full proof: -Didempotency.proof=full")
	void withTheRedisStore() throws Exception {
		super.withTheRedisStore();
	}

}
