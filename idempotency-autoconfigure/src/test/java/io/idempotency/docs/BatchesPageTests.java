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
package io.idempotency.docs;

import java.util.List;

import io.idempotency.BatchAnswers;
import io.idempotency.Idempotency;
import io.idempotency.PartialFailureException;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.docs.Batches.Mailer;
import io.idempotency.docs.Batches.Notification;
import io.idempotency.docs.Batches.Receipt;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the page on batches: what it shows is what runs here.
 */
class BatchesPageTests {

	private static final Notification ONE = new Notification("1", "a@example.org");

	private static final Notification BOUNCES = new Notification("2", "");

	private static final Notification THREE = new Notification("3", "c@example.org");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, IdempotencyAutoConfiguration.class))
		.withUserConfiguration(Mailing.class)
		.withPropertyValues("idempotency.store=memory");

	@Test
	void pageShowsWhatRunsHere() {
		assertThat(Page.of("batches.md", "java").blocks()).isEqualTo(Page.regions("io.idempotency.docs.Batches"));
	}

	@Test
	void facadeAnswersForEachItem() {
		this.runner.run((context) -> {
			Batches batches = context.getBean(Batches.class);

			BatchAnswers<Receipt> answers = batches.notifyAll(List.of(ONE, BOUNCES));

			assertThat(answers.get(0).value()).isEqualTo(new Receipt("a@example.org"));
			assertThat(answers.get(1).failure()).isInstanceOf(IllegalArgumentException.class);
			batches.notifyAll(List.of(THREE, BOUNCES, ONE));
			assertThat(context.getBean(Mailer.class).sent).containsExactly("1", "2", "3", "2");
		});
	}

	@Test
	void methodThrowsAPartialFailureWithTheResultsThatAreThere() {
		this.runner.run((context) -> {
			Batches batches = context.getBean(Batches.class);
			batches.post(List.of(THREE));

			assertThatExceptionOfType(PartialFailureException.class)
				.isThrownBy(() -> batches.post(List.of(ONE, THREE, BOUNCES)))
				.satisfies((ex) -> {
					assertThat(ex.results()).containsExactly(new Receipt("a@example.org"), new Receipt("c@example.org"),
							null);
					assertThat(ex.failures()).containsOnlyKeys(2);
				});
			assertThat(batches.post(List.of(THREE, ONE))).containsExactly(new Receipt("c@example.org"),
					new Receipt("a@example.org"));
			assertThat(context.getBean(Mailer.class).sent).containsExactly("3", "1", "2");
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Mailing {

		@Bean
		Mailer mailer() {
			return new Mailer();
		}

		@Bean
		Batches batches(Idempotency idempotency, Mailer mailer) {
			return new Batches(idempotency, mailer);
		}

	}

}
