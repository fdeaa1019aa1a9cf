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

package io.idempotency.sample;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import io.idempotency.sample.SampleClient.Answer;
import io.idempotency.test.servers.PostgresServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two instances on one PostgreSQL whose schedules are due at the same time, each second,
 * make the reports of a day once.
 */
@TestInstance(Lifecycle.PER_CLASS)
class ScheduledReportsIntegrationTests {

	private static final PostgresServer.Database DATABASE = PostgresServer.shared().createDatabase();

	private Instance one;

	private Instance two;

	@BeforeAll
	void start() {
		this.one = Instance.start();
		this.two = Instance.start();
		this.one.awaitTicks();
		this.two.awaitTicks();
	}

	@AfterAll
	void stop() {
		this.one.context.close();
		this.two.context.close();
		DATABASE.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "2030-03-01", "2030-03-02", "2030-03-03" })
	void reportsOfADayAreMadeOnce(String date) {
		long madeBefore = this.one.runs("executed") + this.two.runs("executed");
		this.one.moveTo(date);
		this.two.moveTo(date);

		this.one.awaitTicks();
		this.two.awaitTicks();

		assertThat(this.one.runs("executed") + this.two.runs("executed")).isEqualTo(madeBefore + 1);
		Answer reports = this.one.client.get("/reports/daily?date=" + date);
		List<String> types = JsonPath.read(reports.body(), "$[*].type");
		assertThat(types).containsExactlyInAnyOrder("PAYMENTS", "NOTIFICATIONS");
		String asked = this.two.client.post("/reports/daily?type=PAYMENTS", "").join().text("reportId");
		List<String> ids = JsonPath.read(reports.body(), "$[?(@.type == 'PAYMENTS')].reportId");
		assertThat(ids).containsExactly(asked);
	}

	/**
	 * A running application.
	 */
	private record Instance(ConfigurableApplicationContext context, SampleClient client) {

		static Instance start() {
			ConfigurableApplicationContext context = new SpringApplicationBuilder(SampleApplication.class,
					MovableClock.class)
				.initializers((it) -> it.getBeanFactory().registerSingleton("noTestsFilter", new NoTestsFilter()))
				.properties("server.port=0", "spring.datasource.url=" + DATABASE.jdbcUrl(),
						"sample.reports.cron=* * * * * *")
				.run();
			int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
			return new Instance(context, new SampleClient(port));
		}

		void moveTo(String date) {
			this.context.getBean(MovableClock.class).moveTo(date + "T22:00:00Z");
		}

		/** Wait for two ticks: the first may have begun the day before. */
		void awaitTicks() {
			long before = ticks();
			await().atMost(Duration.ofSeconds(60)).until(() -> ticks() >= before + 2);
		}

		long ticks() {
			return Stream.of("executed", "replayed", "waited", "skipped").mapToLong(this::runs).sum();
		}

		long runs(String outcome) {
			return this.context.getBean(MeterRegistry.class)
				.find("idempotency.call")
				.tags("operation", "scheduled-reports", "outcome", outcome)
				.timers()
				.stream()
				.mapToLong(Timer::count)
				.sum();
		}

	}

	/**
	 * Keeps what the package has for tests out of the application's scan.
	 */
	private static final class NoTestsFilter extends TypeExcludeFilter {

		@Override
		public boolean match(MetadataReader reader, MetadataReaderFactory factory) {
			return reader.getAnnotationMetadata().isAnnotated(TestConfiguration.class.getName());
		}

	}

}
