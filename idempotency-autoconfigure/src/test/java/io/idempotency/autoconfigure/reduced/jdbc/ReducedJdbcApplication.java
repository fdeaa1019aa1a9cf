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

package io.idempotency.autoconfigure.reduced.jdbc;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.Idempotent;
import io.idempotency.store.sql.SqlIdempotencyStore;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A whole application on JDBC, to be run on a class path of its own.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class ReducedJdbcApplication {

	/**
	 * Start, call the guarded method in transactions of its own and of its caller, and
	 * tell what happened.
	 * @param arguments the properties
	 * @return the store, the runs, the rows and whether the second answers are the first
	 * ones, or why the application did not start
	 */
	public static String run(String... arguments) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(ReducedJdbcApplication.class)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.registerShutdownHook(false)
			.run(arguments)) {
			Payments payments = context.getBean(Payments.class);
			boolean own = payments.charge("a").equals(payments.charge("a"));
			context.getBean(TransactionTemplate.class).executeWithoutResult((transaction) -> {
				payments.charge("b");
				transaction.setRollbackOnly();
			});
			boolean afterRollback = payments.charge("b").equals(payments.charge("b"));
			return context.getBean(SqlIdempotencyStore.class).name() + ", " + payments.runs() + " runs, "
					+ payments.rows() + " rows, replays " + List.of(own, afterRollback);
		}
		catch (Throwable ex) {
			return NestedExceptionUtils.getMostSpecificCause(ex).toString();
		}
	}

	@Bean
	Payments payments(JdbcTemplate jdbc) {
		return new Payments(jdbc);
	}

	public static class Payments {

		private final AtomicInteger runs = new AtomicInteger();

		private final JdbcTemplate jdbc;

		Payments(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
			jdbc.execute("CREATE TABLE payment (id VARCHAR(10) PRIMARY KEY)");
		}

		@Idempotent(key = "#id", operation = "charge")
		@Transactional
		public String charge(String id) {
			this.jdbc.update("INSERT INTO payment VALUES (?)", id);
			return "payment " + id + ", run " + this.runs.incrementAndGet();
		}

		public int runs() {
			return this.runs.get();
		}

		public @Nullable Integer rows() {
			return this.jdbc.queryForObject("SELECT count(*) FROM payment", Integer.class);
		}

	}

}
