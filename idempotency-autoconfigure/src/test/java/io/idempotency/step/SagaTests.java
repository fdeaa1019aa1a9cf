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

package io.idempotency.step;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.IdempotencyResultUnavailableException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.engine.OperationSettings;
import io.idempotency.step.Attempts.Declined;
import io.idempotency.step.Attempts.NoText;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.StoredOutcome;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Work whose steps are undone when it fails for good.
 */
@Timeout(60)
class SagaTests {

	private final List<String> log = Collections.synchronizedList(new ArrayList<>());

	private final Attempts attempts = Attempts.rememberingFailures();

	private @Nullable String killedAt;

	@AfterEach
	void close() {
		this.attempts.close();
	}

	@Test
	void stepsAreUndoneInReverseAndTheFailureIsRecorded() {
		Throwable failure = this.attempts.failure(this::order);
		Throwable again = this.attempts.failure(this::order);

		assertThat(failure).isInstanceOf(Declined.class).hasMessage("no stock");
		assertThat(again).isInstanceOf(Declined.class).hasMessage("no stock");
		assertThat(this.log).containsExactly("reserve", "charge", "ship fails", "refund c-1", "cancel");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(this.attempts.record().outcome().kind()).isEqualTo(StoredOutcome.Kind.FAILURE);
	}

	@Test
	void renamedOuterStepIsUndoneAsAWhole() {
		this.attempts.failure((steps) -> steps.run("order", () -> {
			steps.run("order/reserve", () -> this.log.add("reserve"))
				.compensateWith(() -> this.log.add("cancel reservation"));
			throw new IOException("down");
		}));

		this.attempts.failure((steps) -> {
			steps.step("purchase").formerly("order").run(() -> {
				steps.step("purchase/reserve")
					.formerly("order/reserve")
					.run(() -> this.log.add("reserve again"))
					.compensateWith(() -> this.log.add("cancel reservation"));
			}).compensateWith(() -> this.log.add("cancel purchase"));
			throw new Declined("no money");
		});

		assertThat(this.log).containsExactly("reserve", "cancel purchase");
	}

	@Test
	void renamedOuterStepStandsForItsInnerOnesOnLaterAttemptsToo() {
		this.attempts.failure((steps) -> steps.run("order", () -> {
			logged(steps, "order/reserve");
			throw new IOException("down");
		}));
		this.attempts.failure((steps) -> {
			purchase(steps);
			throw new IOException("down");
		});

		Throwable failure = this.attempts.failure((steps) -> {
			purchase(steps);
			throw new Declined("no money");
		});

		assertThat(failure).isInstanceOf(Declined.class);
		assertThat(this.log).containsExactly("order/reserve", "cancel purchase");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.COMPLETED);
	}

	private void purchase(DurableSteps steps) {
		steps.step("purchase")
			.formerly("order")
			.run(() -> steps.step("purchase/reserve").formerly("order/reserve").run(() -> this.log.add("again")))
			.compensateWith(() -> this.log.add("cancel purchase"));
	}

	@Test
	void innerStepsOfAnOuterOneThatFailedAreNotForgotten() {
		Attempts.Body order = (steps) -> steps.step("order").rememberFailures(Declined.class).run(() -> {
			logged(steps, "order/reserve").compensateWith(() -> this.log.add("cancel"));
			throw new Declined("no money");
		});
		this.attempts.killed((steps) -> {
			try {
				return order.run(steps);
			}
			catch (Declined ex) {
				throw this.attempts.kill();
			}
		});

		Throwable failure = this.attempts.failure(order);

		assertThat(failure).isInstanceOf(Declined.class);
		assertThat(this.log).containsExactly("order/reserve");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);
	}

	@Test
	void whatWasUndoneNeedNotBeComeToAgain() {
		Attempts.Body order = (steps) -> {
			logged(steps, "open").compensateWith(() -> {
				if (this.killedAt == null) {
					this.killedAt = "close";
					throw this.attempts.kill();
				}
				this.log.add("close");
			});
			return steps.step("order").rememberFailures(Declined.class).run(() -> {
				logged(steps, "order/reserve").compensateWith(() -> this.log.add("cancel"));
				throw new Declined("no money");
			});
		};
		this.attempts.killed(order);

		Throwable failure = this.attempts.failure(order);

		assertThat(failure).isInstanceOf(Declined.class);
		assertThat(this.log).containsExactly("open", "order/reserve", "cancel", "close");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void laterAttemptDoesNotUndoWhatIsWithinAStepThatItCannotEnter() {
		Attempts.Body order = (steps) -> steps.run("order", () -> {
			logged(steps, "order/reserve").compensateWith(() -> {
				throw this.attempts.kill();
			});
			throw new Declined("no money");
		});
		this.attempts.killed(order);

		Throwable failure = this.attempts.failure(order);

		assertThat(failure).isInstanceOf(Declined.class);
		assertThat(this.log).containsExactly("order/reserve");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);
	}

	@Test
	void stepsWhoseNamesNestMustRunWithinOneAnother() {
		Throwable after = this.attempts.failure((steps) -> {
			logged(steps, "reserve/1").compensateWith(() -> this.log.add("cancel 1"));
			logged(steps, "reserve");
			throw new Declined("no money");
		});
		Throwable before = this.attempts.failure((steps) -> {
			logged(steps, "pack");
			logged(steps, "pack/1");
			throw new Declined("no money");
		});

		assertThat(after).isInstanceOf(IllegalStateException.class).hasMessageContaining("'reserve' and 'reserve/1'");
		assertThat(before).isInstanceOf(IllegalStateException.class).hasMessageContaining("'pack/1' and 'pack'");
		assertThat(this.log).containsExactly("reserve/1", "pack");
	}

	@Test
	void failureThatMayBeTriedAgainUndoesNothing() {
		Throwable failure = this.attempts.failure((steps) -> {
			logged(steps, "reserve").compensateWith(() -> this.log.add("cancel"));
			throw new IOException("down");
		});

		assertThat(failure).isInstanceOf(IOException.class);
		assertThat(this.log).containsExactly("reserve");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);
	}

	@Test
	void failureThatTheWorkSwallowsUndoesNothing() throws Throwable {
		Object result = this.attempts.attempt((steps) -> {
			logged(steps, "reserve").compensateWith(() -> this.log.add("cancel"));
			try {
				steps.run("charge", () -> {
					throw new Declined("no money");
				});
			}
			catch (Declined ex) {
				return "on account";
			}
			return "paid";
		});

		assertThat(result).isEqualTo("on account");
		assertThat(this.log).containsExactly("reserve");
	}

	@Test
	void orderThatWasUndoneIsNotPlacedAgainWithTheKeysOfItsFormerLife() {
		List<String> charges = new ArrayList<>();
		Attempts.Body order = (steps) -> {
			steps.run("charge", () -> charges.add(IdempotencyContext.current().orElseThrow().deriveKey("charge")))
				.compensateWith(() -> this.log.add("refund"));
			throw new Declined("nobody delivers there");
		};
		this.attempts.failure(order);
		assertThat(this.attempts.kept()).isEqualTo(Duration.ofHours(24));
		this.attempts.time.advance(Duration.ofSeconds(61));

		Throwable again = this.attempts.failure(order);

		assertThat(again).isInstanceOf(Declined.class).hasMessage("nobody delivers there");
		assertThat(charges).hasSize(1);
		assertThat(this.log).containsExactly("refund");
	}

	@Test
	void failureOfASagaThatAnEarlierAttemptBeganToUndoIsKeptAsLong() {
		this.killedAt = "in cancel";
		this.attempts.killed(this::order);
		this.killedAt = null;

		this.attempts.failure(this::order);

		assertThat(this.attempts.kept()).isEqualTo(Duration.ofHours(24));
	}

	@Test
	void failureOfASagaIsKeptForItsOwnTimeIfThatIsLonger() {
		try (Attempts longer = new Attempts(OperationSettings.builder()
			.rememberFailures(List.of(Declined.class))
			.ttl(Duration.ofHours(1))
			.failureTtl(Duration.ofHours(2)))) {
			longer.failure(this::order);

			assertThat(longer.kept()).isEqualTo(Duration.ofHours(2));
		}
	}

	@Test
	void failureWithoutCompensationsIsRecordedAsBefore() {
		Attempts.Body body = (steps) -> {
			logged(steps, "reserve");
			throw new Declined("no");
		};

		assertThat(this.attempts.failure(body)).isInstanceOf(Declined.class);
		assertThat(this.attempts.failure(body)).isInstanceOf(Declined.class);

		assertThat(this.log).containsExactly("reserve");
		assertThat(this.attempts.kept()).isEqualTo(Duration.ofSeconds(60));
	}

	/**
	 * before, in and after each step, at the failure, and in and after what undoes them
	 */
	static Stream<String> points() {
		return Stream.concat(
				Stream.of("reserve", "charge").flatMap((s) -> Stream.of("before " + s, "in " + s, "after " + s)),
				Stream.of("before ship", "before refund", "in refund", "before cancel", "in cancel"));
	}

	@ParameterizedTest
	@MethodSource("points")
	void sagaThatIsKilledAnywhereIsGoneOnWith(String point) {
		this.killedAt = point;
		this.attempts.killed(this::order);
		this.killedAt = null;
		Throwable failure = this.attempts.failure(this::order);

		assertThat(failure).isInstanceOf(Declined.class).hasMessage("no stock");
		List<String> once = new ArrayList<>(this.log);
		if (point.startsWith("in ")) {
			// Its effect, and then it was not recorded
			once.remove(
					once.indexOf(this.log.stream().filter((e) -> e.startsWith(point.substring(3))).findFirst().get()));
		}
		assertThat(once).containsExactly("reserve", "charge", "ship fails", "refund c-1", "cancel");
	}

	@Test
	void sagaThatIsKilledTwiceWhileItUndoesNeverGoesForward() {
		this.killedAt = "in refund";
		this.attempts.killed(this::order);
		this.killedAt = "in cancel";
		this.attempts.killed(this::order);
		this.killedAt = null;
		this.attempts.failure(this::order);

		assertThat(this.log).containsExactly("reserve", "charge", "ship fails", "refund c-1", "refund c-1", "cancel",
				"cancel");
	}

	private @Nullable Object order(DurableSteps steps) {
		dieAt("before reserve");
		steps.run("reserve", () -> {
			this.log.add("reserve");
			dieAt("in reserve");
		}).compensateWith(() -> {
			dieAt("before cancel");
			this.log.add("cancel");
			dieAt("in cancel");
		});
		dieAt("after reserve");
		dieAt("before charge");
		steps.run("charge", String.class, () -> {
			this.log.add("charge");
			dieAt("in charge");
			return "c-1";
		}).compensateWith((charge) -> {
			dieAt("before refund");
			this.log.add("refund " + charge);
			dieAt("in refund");
		});
		dieAt("after charge");
		dieAt("before ship");
		steps.run("ship", () -> {
			this.log.add("ship fails");
			throw new Declined("no stock");
		});
		return "shipped";
	}

	private void dieAt(String point) {
		if (point.equals(this.killedAt)) {
			throw this.attempts.kill();
		}
	}

	@Test
	void compensationIsTriedAgain() {
		Throwable failure = this.attempts.failure((steps) -> {
			logged(steps, "reserve").compensateWith(() -> {
				this.log.add("try");
				if (this.log.size() < 4) {
					throw new IOException("down");
				}
			});
			throw new Declined("no");
		});

		assertThat(failure).isInstanceOf(Declined.class);
		assertThat(this.log).containsExactly("reserve", "try", "try", "try");
		assertThat(this.attempts.pauses).hasSize(2);
	}

	@Test
	void compensationThatKeepsFailingIsGoneOnWithByTheNextAttempt() {
		List<String> down = new ArrayList<>(List.of("down"));
		Attempts.Body body = (steps) -> {
			logged(steps, "one").compensateWith(() -> this.log.add("undo one"));
			logged(steps, "two").compensateWith(() -> {
				if (!down.isEmpty()) {
					throw new Declined("a failure of the work's kind");
				}
				this.log.add("undo two");
			});
			logged(steps, "three").compensateWith(() -> this.log.add("undo three"));
			throw new Declined("no");
		};

		Throwable first = this.attempts.failure(body);
		assertThat(first).hasMessage("a failure of the work's kind");
		assertThat(first.getSuppressed()).hasSize(1);
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);
		assertThat(this.attempts.pauses).hasSize(4);

		down.clear();
		assertThat(this.attempts.failure(body)).isInstanceOf(Declined.class).hasMessage("no");
		assertThat(this.log).containsExactly("one", "two", "three", "undo three", "undo two", "undo one");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void failureThatCannotBeRebuiltIsFinalAllTheSame() {
		List<String> down = new ArrayList<>(List.of("down"));
		Attempts.Body body = (steps) -> {
			logged(steps, "one").compensateWith(() -> {
				if (!down.isEmpty()) {
					throw new IOException("down");
				}
				this.log.add("undo one");
			});
			throw new NoText();
		};
		assertThat(this.attempts.failure(body)).isInstanceOf(IOException.class);

		down.clear();

		assertThat(this.attempts.failure(body)).isInstanceOf(IdempotencyRememberedFailureException.class);
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.COMPLETED);
		assertThat(this.log).containsExactly("one", "undo one");
	}

	@Test
	void workThatWouldSucceedNowIsUndoneAllTheSame() {
		this.killedAt = "in refund";
		this.attempts.killed(this::order);
		this.killedAt = null;

		Throwable failure = this.attempts.failure((steps) -> {
			logged(steps, "reserve").compensateWith(() -> this.log.add("cancel"));
			logged(steps, "charge").compensateWith(() -> this.log.add("refund c-1"));
			return "shipped after all";
		});

		assertThat(failure).isInstanceOf(Declined.class).hasMessage("no stock");
		assertThat(this.log).containsExactly("reserve", "charge", "ship fails", "refund c-1", "refund c-1", "cancel");
	}

	@Test
	void nothingIsUndoneAsLongAsAStepIsNotComeTo() {
		this.attempts.killed((steps) -> {
			logged(steps, "reserve").compensateWith(() -> this.log.add("cancel"));
			logged(steps, "charge").compensateWith(() -> this.log.add("refund"));
			throw this.attempts.kill();
		});

		Throwable failure = this.attempts.failure((steps) -> {
			logged(steps, "charge").compensateWith(() -> this.log.add("refund"));
			throw new Declined("before the others");
		});

		assertThat(failure).isInstanceOf(Declined.class);
		assertThat(this.log).containsExactly("reserve", "charge");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);
		this.attempts.failure((steps) -> {
			logged(steps, "charge").compensateWith(() -> this.log.add("refund"));
			logged(steps, "reserve").compensateWith(() -> this.log.add("cancel"));
			throw new Declined("after the others");
		});
		assertThat(this.log).containsExactly("reserve", "charge", "refund", "cancel");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.COMPLETED);
	}

	@Test
	void renamedStepIsUndone() {
		this.attempts.killed((steps) -> {
			logged(steps, "debit");
			throw this.attempts.kill();
		});

		this.attempts.failure((steps) -> {
			steps.step("charge")
				.formerly("debit")
				.run(() -> this.log.add("charge again"))
				.compensateWith(() -> this.log.add("refund"));
			throw new Declined("no");
		});

		assertThat(this.log).containsExactly("debit", "refund");
	}

	@Test
	void outerStepIsUndoneAsAWhole() {
		this.attempts.failure((steps) -> {
			steps.run("order", () -> logged(steps, "order/reserve").compensateWith(() -> this.log.add("cancel")))
				.compensateWith(() -> this.log.add("withdraw"));
			throw new Declined("no");
		});

		assertThat(this.log).containsExactly("order/reserve", "withdraw");
	}

	@Test
	void innerStepsOfAnUnfinishedOuterOneAreUndone() {
		this.attempts.failure((steps) -> steps.run("order", () -> {
			logged(steps, "order/reserve").compensateWith(() -> this.log.add("cancel"));
			throw new Declined("no");
		}));

		assertThat(this.log).containsExactly("order/reserve", "cancel");
	}

	@Test
	void parallelStepsAreUndoneInReverseOfTheirCompletion() {
		this.attempts.failure((steps) -> {
			List<CompletableFuture<Void>> parts = IntStream.range(0, 8)
				.mapToObj((i) -> CompletableFuture.runAsync(() -> steps.run("part-" + i, () -> {
				}).compensateWith(() -> this.log.add("part-" + i))))
				.toList();
			parts.forEach(CompletableFuture::join);
			steps.run("last", () -> {
			}).compensateWith(() -> this.log.add("last"));
			throw new Declined("no");
		});

		assertThat(this.log).hasSize(9).startsWith("last").doesNotHaveDuplicates();
	}

	@Test
	void stepThatAThreadEndsAfterTheWorkFailedIsUndoneByTheNextAttempt() throws Exception {
		CountDownLatch inStep = new CountDownLatch(1);
		AtomicReference<Thread> failing = new AtomicReference<>();
		List<CompletableFuture<?>> thread = new ArrayList<>();

		Throwable first = this.attempts.failure((steps) -> {
			thread.add(CompletableFuture.runAsync(() -> steps.run("charge", () -> {
				inStep.countDown();
				Awaitility.await().until(() -> waits(failing.get()));
				this.log.add("charge");
			}).compensateWith(() -> this.log.add("refund"))));
			await(inStep);
			failing.set(Thread.currentThread());
			throw new Declined("no stock");
		});

		assertThat(first).isInstanceOf(Declined.class);
		assertThat(thread.get(0)).failsWithin(Duration.ofSeconds(10))
			.withThrowableThat()
			.withMessageContaining("told after the work had ended");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);
		assertThat(this.log).containsExactly("charge");
		refundedByTheNextAttempt();
		assertThat(this.log).containsExactly("charge", "refund");
	}

	@Test
	void compensationThatIsToldBeforeTheFailureIsRecordedIsLeftToTheNextAttempt() throws Exception {
		CountDownLatch inStep = new CountDownLatch(1);
		AtomicReference<Thread> failing = new AtomicReference<>();

		this.attempts.failure((steps) -> {
			DurableSteps.Completed<?> charge = logged(steps, "charge");
			new Thread(() -> {
				try {
					steps.run("pack", () -> {
						inStep.countDown();
						Awaitility.await().until(() -> waits(failing.get()));
						charge.compensateWith(() -> this.log.add("refund"));
					});
				}
				catch (IllegalStateException ex) {
					this.log.add("too late");
				}
			}).start();
			await(inStep);
			failing.set(Thread.currentThread());
			throw new Declined("no stock");
		});

		Awaitility.await().until(() -> this.log.contains("too late"));
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);
		refundedByTheNextAttempt();
		assertThat(this.log).containsExactly("charge", "too late", "refund");
	}

	@Test
	void compensationThatIsToldWhileOthersRunIsLeftToTheNextAttempt() {
		AtomicReference<DurableSteps.@Nullable Completed<?>> charge = new AtomicReference<>();
		this.attempts.failure((steps) -> {
			logged(steps, "reserve").compensateWith(() -> {
				this.log.add("cancel");
				assertThat(CompletableFuture.runAsync(() -> charge.get().compensateWith(() -> {
				}))).failsWithin(Duration.ofSeconds(10));
			});
			charge.set(logged(steps, "charge"));
			throw new Declined("no stock");
		});
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);

		this.attempts.failure((steps) -> {
			logged(steps, "reserve").compensateWith(() -> this.log.add("cancel again"));
			logged(steps, "charge").compensateWith(() -> this.log.add("refund"));
			throw new Declined("no stock");
		});

		assertThat(this.log).containsExactly("reserve", "charge", "cancel", "refund");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.COMPLETED);
	}

	private void refundedByTheNextAttempt() {
		Throwable failure = this.attempts.failure((steps) -> {
			logged(steps, "charge").compensateWith(() -> this.log.add("refund"));
			throw new Declined("no stock");
		});
		assertThat(failure).isInstanceOf(Declined.class);
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.COMPLETED);
	}

	private static void await(CountDownLatch latch) throws InterruptedException {
		assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
	}

	/** Tell whether the work, which failed there, waits for its steps. */
	private static boolean waits(@Nullable Thread thread) {
		return thread != null && thread.getState() == Thread.State.WAITING;
	}

	@Test
	void failureOfAThreadIsFinalIfTheWorkUnwrapsIt() {
		this.attempts.failure((steps) -> {
			logged(steps, "one").compensateWith(() -> this.log.add("undo one"));
			try {
				CompletableFuture.runAsync(() -> steps.run("two", () -> {
					throw new Declined("no");
				})).join();
			}
			catch (CompletionException ex) {
				throw ex.getCause();
			}
			return null;
		});

		assertThat(this.log).containsExactly("one", "undo one");
	}

	@Test
	void lostResultDoesNotKeepAStepFromBeingUndoneWithoutIt() {
		this.attempts.killed((steps) -> {
			steps.run("charge", String.class, () -> "not a number");
			throw this.attempts.kill();
		});

		this.attempts.failure((steps) -> {
			steps.run("charge", Integer.class, () -> 1).compensateWith(() -> this.log.add("refund"));
			throw new Declined("no");
		});

		assertThat(this.log).containsExactly("refund");
	}

	@Test
	void compensationThatNeedsALostResultIsLeftToTheNextAttempt() {
		this.attempts.killed((steps) -> {
			steps.run("charge", String.class, () -> "not a number");
			throw this.attempts.kill();
		});

		Throwable failure = this.attempts.failure((steps) -> {
			steps.run("charge", Integer.class, () -> 1).compensateWith((charge) -> this.log.add("refund " + charge));
			throw new Declined("no");
		});

		assertThat(failure).isInstanceOf(IdempotencyResultUnavailableException.class);
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);
	}

	@Test
	void nothingIsUndoneUntilTheFailureIsRecorded() {
		Throwable failure = this.attempts.failure((steps) -> {
			logged(steps, "one").compensateWith(() -> this.log.add("undo one"));
			this.attempts.failBefore.set(4);
			throw new Declined("no");
		});

		assertThat(failure).isInstanceOf(IdempotencyStoreUnavailableException.class);
		assertThat(this.log).containsExactly("one");
	}

	@Test
	void staleOwnerUndoesNothing() {
		Throwable failure = this.attempts.failure((steps) -> {
			logged(steps, "one").compensateWith(() -> this.log.add("undo one"));
			this.attempts.takeOver();
			throw new Declined("no");
		});

		assertThat(failure).isInstanceOf(IdempotencyLeaseLostException.class);
		assertThat(this.log).containsExactly("one");
	}

	@Test
	void ownerThatBecomesStaleStopsUndoing() {
		Throwable failure = this.attempts.failure((steps) -> {
			logged(steps, "one").compensateWith(() -> this.log.add("undo one"));
			logged(steps, "two").compensateWith(() -> this.attempts.takeOver());
			throw new Declined("no");
		});

		assertThat(failure).isInstanceOf(IdempotencyLeaseLostException.class);
		assertThat(this.log).containsExactly("one", "two");
	}

	private DurableSteps.Completed<?> logged(DurableSteps steps, String name) {
		return steps.run(name, () -> this.log.add(name));
	}

}
