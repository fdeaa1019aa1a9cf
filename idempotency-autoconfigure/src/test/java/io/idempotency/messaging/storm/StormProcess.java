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

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJdbcAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyKafkaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRabbitAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRedisAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencySqlAutoConfiguration;

import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.config.ContainerCustomizer;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.listener.RecordInterceptor;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * A consumer in a JVM of its own, which enters each message into the ledger and can be
 * killed. It tells on its standard output when it has started, and of each delivery.
 */
final class StormProcess {

	static final String READY = "ready";

	static final String DELIVERED = "delivered";

	private StormProcess() {
	}

	public static void main(String[] args) {
		new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.run(args);
		System.out.println(READY);
	}

	/** At once, because this process may end at any time. */
	private static void delivered() {
		System.out.println(DELIVERED);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ AopAutoConfiguration.class, DataRedisAutoConfiguration.class,
			DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			IdempotencyAutoConfiguration.class, IdempotencyJdbcAutoConfiguration.class,
			IdempotencyMessagingAutoConfiguration.class, IdempotencyRedisAutoConfiguration.class,
			IdempotencySqlAutoConfiguration.class, JacksonAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			TransactionAutoConfiguration.class })
	@Import({ Ledger.class, OnAmqp.class, OnDatabase.class, OnKafka.class, OnRedis.class })
	static class Application {

	}

	/**
	 * Where messages leave their effect.
	 */
	@Component
	static class Ledger {

		private final JdbcTemplate jdbc;

		Ledger(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		/** In the transaction of the record: a second entry is the library's fault. */
		void enter(String message) {
			this.jdbc.update("INSERT INTO ledger (message, attempt) VALUES (?, ?)", message,
					IdempotencyContext.current().orElseThrow().attempt());
		}

		/** Like a system that knows requests by the key that the work sends along. */
		void enterByKey(String message) {
			IdempotencyContext context = IdempotencyContext.current().orElseThrow();
			this.jdbc.update(
					"INSERT INTO ledger (message, attempt, request) VALUES (?, ?, ?) ON CONFLICT (request) DO NOTHING",
					message, context.attempt(), context.deriveKey("ledger"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Profile("kafka")
	@ImportAutoConfiguration({ IdempotencyKafkaAutoConfiguration.class, KafkaAutoConfiguration.class })
	static class OnKafka {

		@Bean
		RecordInterceptor<Object, Object> deliveries() {
			return (record, consumer) -> {
				delivered();
				return record;
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Profile("amqp")
	@ImportAutoConfiguration({ IdempotencyRabbitAutoConfiguration.class, RabbitAutoConfiguration.class })
	static class OnAmqp {

		@Bean
		ContainerCustomizer<SimpleMessageListenerContainer> deliveries() {
			return (container) -> container.setAfterReceivePostProcessors((message) -> {
				delivered();
				return message;
			});
		}

	}

	@Component
	@Profile("database")
	static class OnDatabase {

		private final Ledger ledger;

		OnDatabase(Ledger ledger) {
			this.ledger = ledger;
		}

		@Idempotent(operation = "storm")
		@Transactional
		@KafkaListener(topics = "${storm.topic}")
		@RabbitListener(queues = "${storm.queue}")
		void on(String message) {
			this.ledger.enter(message);
		}

	}

	@Component
	@Profile("redis")
	static class OnRedis {

		private final Ledger ledger;

		OnRedis(Ledger ledger) {
			this.ledger = ledger;
		}

		@Idempotent(operation = "storm")
		@KafkaListener(topics = "${storm.topic}")
		@RabbitListener(queues = "${storm.queue}")
		void on(String message) {
			this.ledger.enterByKey(message);
		}

	}

}
