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

import org.apache.kafka.clients.admin.NewTopic;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.support.converter.RecordMessageConverter;
import org.springframework.kafka.support.converter.StringJacksonJsonMessageConverter;

/**
 * The topic, messages as JSON and, unless the address of another one is configured, a
 * broker.
 */
@Configuration(proxyBeanMethods = false)
@Profile("kafka")
class KafkaConfiguration {

	@Bean
	NewTopic ordersTopic() {
		return TopicBuilder.name("orders").partitions(1).build();
	}

	@Bean
	RecordMessageConverter recordMessageConverter(JsonMapper mapper) {
		return new StringJacksonJsonMessageConverter(mapper);
	}

	@Bean
	@Conditional(NoAddress.class)
	EmbeddedKafka embeddedKafka() {
		return new EmbeddedKafka();
	}

	@Bean
	@Conditional(NoAddress.class)
	KafkaConnectionDetails kafkaConnectionDetails(EmbeddedKafka kafka) {
		return () -> List.of(kafka.bootstrapServers());
	}

	static class NoAddress extends NoneNestedConditions {

		NoAddress() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnProperty("spring.kafka.bootstrap-servers")
		static class Address {

		}

	}

}
