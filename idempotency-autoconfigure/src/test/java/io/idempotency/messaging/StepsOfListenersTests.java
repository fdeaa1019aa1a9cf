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

package io.idempotency.messaging;

import io.idempotency.DurableSteps;
import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJmsAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyKafkaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRabbitAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.kafka.annotation.KafkaListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for listeners that take steps.
 */
class StepsOfListenersTests {

	@ParameterizedTest
	@ValueSource(classes = { OnKafka.class, OnRabbit.class, OnJms.class })
	void listenerWithStepsIsRefusedAtStart(Class<?> listener) {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
					IdempotencyJmsAutoConfiguration.class, IdempotencyKafkaAutoConfiguration.class,
					IdempotencyMessagingAutoConfiguration.class, IdempotencyRabbitAutoConfiguration.class,
					JacksonAutoConfiguration.class))
			.withPropertyValues("idempotency.store=memory")
			.withBean(listener)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.isInstanceOf(InvalidOperationException.class)
				.hasMessageContaining("is a listener that takes DurableSteps"));
	}

	static class OnKafka {

		@Idempotent
		@KafkaListener(topics = "orders")
		public void on(String order, DurableSteps steps) {
			throw new IllegalStateException("Not called");
		}

	}

	static class OnRabbit {

		@Idempotent
		@RabbitListener(queues = "orders")
		public void on(String order, DurableSteps steps) {
			throw new IllegalStateException("Not called");
		}

	}

	static class OnJms {

		@Idempotent
		@JmsListener(destination = "orders")
		public void on(String order, DurableSteps steps) {
			throw new IllegalStateException("Not called");
		}

	}

}
