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

package io.idempotency.boot3;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.idempotency.BatchAnswers;
import io.idempotency.Idempotency;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.codec.Jackson2OutcomeCodec;
import io.idempotency.codec.OutcomeCodec;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Guarded services, with records in the application's database and in Redis.
 */
@ApplicationTest
class ServicesIntegrationTests {

	private static final BigDecimal AMOUNT = new BigDecimal("49.90");

	private final String id = UUID.randomUUID().toString();

	@Autowired
	private Payments payments;

	@Autowired
	private Idempotency idempotency;

	@Autowired
	private Work work;

	@Autowired
	private JdbcClient jdbc;

	@Test
	void workThatIsRolledBackLeavesNoAnswer() {
		assertThatIllegalStateException().isThrownBy(() -> this.payments.charge(this.id, AMOUNT, (order) -> {
			throw new IllegalStateException("Rolled back");
		}));
		assertThat(charges()).isZero();
		Receipt first = this.payments.charge(this.id, AMOUNT, (order) -> {
		});

		assertThat(this.payments.charge(this.id, AMOUNT, (order) -> this.work.add("charge " + order))).isEqualTo(first);
		assertThat(charges()).isOne();
		assertThat(this.work.startingWith("charge " + this.id)).isEmpty();
	}

	@Test
	void answerIsWrittenBeforeTheCommitOfTheWork() {
		List<String> answers = new ArrayList<>();

		Receipt receipt = this.payments.charge(this.id, AMOUNT,
				(order) -> TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void beforeCommit(boolean readOnly) {
						answers.addAll(answers());
					}

				}));

		assertThat(answers).anyMatch((answer) -> answer.contains(receipt.id().toString()));
	}

	private List<String> answers() {
		return this.jdbc
			.sql("SELECT payload FROM idempotency_record WHERE operation = 'charge' AND payload IS NOT NULL")
			.query((row, number) -> new String(row.getBytes(1), StandardCharsets.UTF_8))
			.list();
	}

	private long charges() {
		return this.jdbc.sql("SELECT COUNT(*) FROM charge WHERE order_id = ?")
			.param(this.id)
			.query(Long.class)
			.single();
	}

	@Test
	void keyOfAnotherRequestIsRefused() {
		this.payments.charge(this.id, AMOUNT, (order) -> {
		});

		assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
			.isThrownBy(() -> this.payments.charge(this.id, BigDecimal.ONE, (order) -> {
			}));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jpa", "jdbc", "redis" })
	void concurrentDuplicateGetsTheFirstAnswer(String store) throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		CompletableFuture<Receipt> first = CompletableFuture.supplyAsync(() -> charge(store, () -> {
			begun.countDown();
			await(goOn);
		}));
		await(begun);

		CompletableFuture<Receipt> second = CompletableFuture
			.supplyAsync(() -> charge(store, () -> this.work.add("second " + store + this.id)));
		goOn.countDown();

		assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(first.get(30, TimeUnit.SECONDS));
		assertThat(this.work.startingWith("second " + store + this.id)).isEmpty();
	}

	private Receipt charge(String store, Runnable during) {
		return this.idempotency.call("charge-" + store, this.id).store(store).execute(Receipt.class, () -> {
			during.run();
			return Receipt.of(AMOUNT);
		});
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "jpa", "jdbc", "redis" })
	void batchWorksOnNewItemsOnly(String store) {
		BatchAnswers<String> first = notify(store, List.of("a", "b"));

		BatchAnswers<String> second = notify(store, List.of("b", "c"));

		assertThat(first.values()).containsExactly("to a", "to b");
		assertThat(second.values()).containsExactly("to b", "to c");
		assertThat(this.work.startingWith("batch " + this.id)).containsExactly("batch " + this.id + "[a, b]",
				"batch " + this.id + "[c]");
	}

	private BatchAnswers<String> notify(String store, List<String> names) {
		return this.idempotency.batch("notify-" + store)
			.keys(names, (name) -> this.id + name)
			.store(store)
			.execute(String.class, (newOnes) -> {
				this.work.add("batch " + this.id + newOnes);
				return newOnes.stream().map((name) -> "to " + name).toList();
			});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void stepThatIsDoneIsNotRepeatedAfterAFailure(boolean redis) {
		assertThatIllegalStateException().isThrownBy(() -> ship(redis));

		assertThat(ship(redis)).isEqualTo("label of " + this.id);

		assertThat(this.work.startingWith("label " + this.id)).hasSize(1);
		assertThat(this.work.startingWith("parcel " + this.id)).hasSize(2);
	}

	private String ship(boolean redis) {
		return redis ? this.payments.shipWithRedis(this.id, null) : this.payments.ship(this.id, null);
	}

	@Test
	void retryOfSpringRetryIsOutsideOfTheGuard() {
		Receipt first = this.payments.chargeWithRetry(this.id, AMOUNT);

		assertThat(this.payments.chargeWithRetry(this.id, AMOUNT)).isEqualTo(first);
		assertThat(this.work.startingWith("retry " + this.id)).hasSize(3);
	}

	@Test
	void resultsAreWrittenWithTheMapperOfTheApplication(@Autowired OutcomeCodec codec) {
		assertThat(codec).isInstanceOf(Jackson2OutcomeCodec.class);
	}

	@Test
	void callsAreObserved(@Autowired MeterRegistry meters) {
		this.payments.charge(this.id, AMOUNT, (order) -> {
		});

		assertThat(meters.get("idempotency.call").tag("operation", "charge").timers()).isNotEmpty();
	}

}
