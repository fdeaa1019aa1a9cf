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

import java.util.List;

import tools.jackson.databind.json.JsonMapper;

import org.springframework.amqp.core.Queue;
import org.springframework.amqp.support.converter.JacksonJsonMessageConverter;
import org.springframework.amqp.support.converter.MessageConverter;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/**
 * The queue, messages as JSON and, unless the address of another one is configured, a
 * broker.
 */
@Configuration(proxyBeanMethods = false)
@Profile("rabbit")
class RabbitConfiguration {

	@Bean
	Queue ordersQueue() {
		return new Queue("orders");
	}

	@Bean
	MessageConverter messageConverter(JsonMapper mapper) {
		return new JacksonJsonMessageConverter(mapper);
	}

	@Bean
	@Conditional(NoAddress.class)
	EmbeddedRabbit embeddedRabbit() {
		return new EmbeddedRabbit();
	}

	@Bean
	@Conditional(NoAddress.class)
	RabbitConnectionDetails rabbitConnectionDetails(EmbeddedRabbit rabbit) {
		return () -> List.of(new RabbitConnectionDetails.Address("localhost", rabbit.port()));
	}

	static class NoAddress extends NoneNestedConditions {

		NoAddress() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnProperty("spring.rabbitmq.host")
		static class Host {

		}

		@ConditionalOnProperty("spring.rabbitmq.port")
		static class Port {

		}

		@ConditionalOnProperty("spring.rabbitmq.addresses")
		static class Addresses {

		}

	}

}
