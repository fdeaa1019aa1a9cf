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

package io.idempotency.messaging.rabbit;

import io.idempotency.key.Canonicalizer;
import io.idempotency.messaging.MessageKey;
import org.junit.jupiter.api.Test;

import org.springframework.amqp.core.AnonymousQueue;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RabbitListenerGuard}.
 */
class RabbitListenerGuardTests {

	private final RabbitListenerGuard guard = new RabbitListenerGuard(new RabbitListenerEdge(() -> {
		throw new AssertionError();
	}, MessageKey.header("Idempotency-Key"), new Canonicalizer()), () -> {
		throw new AssertionError();
	});

	private final SimpleMessageListenerContainer container = new SimpleMessageListenerContainer();

	@Test
	void queueWithANameMadeUpIsThatOfOneInstance() {
		this.container.setQueues(new AnonymousQueue());
		assertThat(this.guard.instanceOf(this.container)).isEqualTo(this.guard.subscriptionOf(this.container));

		this.container.setQueueNames("amq.gen-1");
		assertThat(this.guard.instanceOf(this.container)).isEqualTo(this.guard.subscriptionOf(this.container));
	}

	@Test
	void queueWithANameIsThatOfAllInstances() {
		this.container.setQueueNames("orders");

		assertThat(this.guard.instanceOf(this.container)).isNull();
	}

}
