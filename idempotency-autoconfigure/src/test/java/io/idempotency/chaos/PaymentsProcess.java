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

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJpaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencySqlAutoConfiguration;
import io.idempotency.store.sql.SqlIdempotencyStore;
import jakarta.persistence.EntityManager;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application in a JVM of its own. It reads calls from its standard input, a line
 * each, makes them on several threads, and tells on its standard output what came back.
 * It ends when there is nothing more to read.
 */
final class PaymentsProcess {

	/** How many calls are made at a time. */
	static final int THREADS = 8;

	static final String READY = "ready";

	private final Payments payments;

	private final TransactionTemplate caller;

	private PaymentsProcess(ConfigurableApplicationContext context) {
		this.payments = context.getBean(Payments.class);
		this.caller = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
	}

	public static void main(String[] args) throws IOException {
		PrintStream out = System.out;
		// Whatever is logged is no reply
		System.setOut(System.err);
		Class<?> application = args[0].equals("jpa") ? JpaApplication.class : JdbcApplication.class;
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(application)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.run(args)) {
			PaymentsProcess process = new PaymentsProcess(context);
			out.println(READY);
			BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
			for (String line = in.readLine(); line != null; line = in.readLine()) {
				Call call = Call.parse(line);
				threads.execute(() -> out.println(call.number() + " " + process.reply(call).line()));
			}
		}
		threads.shutdownNow();
	}

	private Reply reply(Call call) {
		return Payments.reply(call, call.inTransaction() ? () -> payInTransaction(call) : () -> pay(call));
	}

	private String pay(Call call) throws Payments.Undelivered {
		return switch (call.mode()) {
			case ATOMIC -> this.payments.payAtomic(call.key(), call.fate());
			case JOINED -> this.payments.payJoined(call.key(), call.fate());
			case AUTO -> this.payments.payAuto(call.key(), call.fate());
		};
	}

	/** A caller who commits all the same after a checked exception. */
	private String payInTransaction(Call call) throws Payments.Undelivered {
		AtomicReference<Payments.Undelivered> undelivered = new AtomicReference<>();
		String answer = this.caller.execute((status) -> {
			try {
				return pay(call);
			}
			catch (Payments.Undelivered ex) {
				undelivered.set(ex);
				return null;
			}
		});
		if (undelivered.get() != null) {
			throw undelivered.get();
		}
		return answer;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class, AopAutoConfiguration.class,
			IdempotencyAutoConfiguration.class })
	static class JdbcApplication {

		@Bean
		SqlIdempotencyStore jdbcIdempotencyStore(DataSource dataSource) {
			return SqlIdempotencyStore.on(dataSource).build();
		}

		@Bean
		Payments payments(JdbcTemplate jdbc, PlatformTransactionManager transactionManager) {
			return new Payments(Ledger.jdbc(jdbc), jdbc, transactionManager, true);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = Ledger.class)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class, AopAutoConfiguration.class,
			IdempotencySqlAutoConfiguration.class, IdempotencyJpaAutoConfiguration.class,
			IdempotencyAutoConfiguration.class })
	static class JpaApplication {

		@Bean
		Payments payments(EntityManager entityManager, JdbcTemplate jdbc,
				PlatformTransactionManager transactionManager) {
			return new Payments(Ledger.jpa(entityManager), jdbc, transactionManager, false);
		}

	}

}
