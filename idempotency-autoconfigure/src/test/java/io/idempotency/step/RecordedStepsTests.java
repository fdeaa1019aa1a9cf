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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyLeaseLostException;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.IdempotencyResultUnavailableException;
import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.engine.OperationSettings;
import io.idempotency.step.Attempts.Declined;
import io.idempotency.step.Attempts.NoText;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.backoff.FixedBackOff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Steps of attempts that fail, are killed, or meet a store that does not answer.
 */
@Timeout(60)
class RecordedStepsTests {

	private final List<String> done = Collections.synchronizedList(new ArrayList<>());

	private Attempts attempts = new Attempts();

	@AfterEach
	void close() {
		this.attempts.close();
	}

	@Test
	void attemptAfterAFailureGoesOnWhereItStopped() throws Throwable {
		Throwable failure = this.attempts.failure((steps) -> {
			steps.run("one", () -> this.done.add("one"));
			steps.run("two", () -> this.done.add("two"));
			throw new IllegalStateException("later");
		});

		Object result = this.attempts.attempt((steps) -> {
			steps.run("one", () -> this.done.add("one again"));
			steps.run("two", () -> this.done.add("two again"));
			steps.run("three", () -> this.done.add("three"));
			return "updated";
		});

		assertThat(failure).hasMessage("later");
		assertThat(result).isEqualTo("updated");
		assertThat(this.done).containsExactly("one", "two", "three");
	}

	@Test
	void listenersAreToldWhatBecameOfEachStep() throws Throwable {
		AtomicInteger failures = new AtomicInteger(2);
		this.attempts.failure((steps) -> {
			steps.run("one", () -> this.done.add("one"));
			steps.step("two").retry(new FixedBackOff(1, 5)).run(() -> {
				if (failures.getAndDecrement() > 0) {
					throw new IllegalStateException("on purpose");
				}
			});
			steps.run("three", () -> {
				throw new IllegalStateException("on purpose");
			});
			return "not reached";
		});
		assertThat(this.attempts.told).containsExactly("profile-update one executed", "profile-update two retried",
				"profile-update two retried", "profile-update two executed", "profile-update three failed");
		this.attempts.told.clear();

		this.attempts.attempt((steps) -> {
			steps.run("one", () -> this.done.add("one again"));
			steps.run("two", () -> this.done.add("two again"));
			return "updated";
		});

		assertThat(this.attempts.told).containsExactly("profile-update one replayed", "profile-update two replayed");
	}

	/** before, in and after each of three steps */
	static Stream<String> points() {
		return IntStream.rangeClosed(1, 3).boxed().flatMap((i) -> Stream.of("before " + i, "in " + i, "after " + i));
	}

	@ParameterizedTest
	@MethodSource("points")
	void attemptThatIsKilledAnywhereIsGoneOnWith(String point) throws Throwable {
		Map<String, String> effects = Collections.synchronizedMap(new TreeMap<>());

		this.attempts.killed((steps) -> threeSteps(steps, point, effects));
		Object result = this.attempts.attempt((steps) -> threeSteps(steps, "nowhere", effects));

		assertThat(result).isEqualTo("r1r2r3");
		assertThat(effects).hasSize(3);
		int repeated = point.startsWith("in") ? 1 : 0;
		assertThat(this.done).hasSize(3 + repeated).contains("1", "2", "3");
	}

	private String threeSteps(DurableSteps steps, String killedAt, Map<String, String> effects) {
		StringBuilder result = new StringBuilder();
		for (int i = 1; i <= 3; i++) {
			String name = String.valueOf(i);
			dieAt(killedAt, "before " + i);
			result.append(steps.run("step-" + i, String.class, () -> {
				this.done.add(name);
				effects.put(IdempotencyContext.current().orElseThrow().deriveKey("step-" + name), name);
				dieAt(killedAt, "in " + name);
				return "r" + name;
			}).value());
			dieAt(killedAt, "after " + i);
		}
		return result.toString();
	}

	private void dieAt(String killedAt, String point) {
		if (killedAt.equals(point)) {
			throw this.attempts.kill();
		}
	}

	@Test
	void resultsComeBackAsTheirDeclaredTypes() throws Throwable {
		record Point(int x, Optional<String> label) {
		}
		ParameterizedTypeReference<List<Point>> points = new ParameterizedTypeReference<>() {
		};
		Attempts.Body body = (steps) -> {
			var list = steps.run("points", points, () -> List.of(new Point(1, Optional.of("a"))));
			var nothing = steps.run("nothing", String.class, () -> null);
			var number = steps.run("number", long.class, () -> 7L);
			var action = steps.run("action", () -> {
			});
			return list.value() + " " + nothing.value() + " " + number.value() + " " + action.value() + " "
					+ Stream.of(list, nothing, number, action).allMatch(DurableSteps.Completed::replayed);
		};

		this.attempts.killed((steps) -> {
			assertThat(body.run(steps)).asString().endsWith("null 7 null false");
			throw this.attempts.kill();
		});

		assertThat(this.attempts.attempt(body)).isEqualTo("[Point[x=1, label=Optional[a]]] null 7 null true");
	}

	@Test
	void orderOfStepsMayChange() throws Throwable {
		this.attempts.killed((steps) -> {
			step(steps, "one");
			step(steps, "two");
			throw this.attempts.kill();
		});

		this.attempts.attempt((steps) -> {
			step(steps, "three");
			step(steps, "two");
			step(steps, "one");
			return null;
		});

		assertThat(this.done).containsExactly("one", "two", "three");
	}

	@Test
	void removedStepIsIgnored() throws Throwable {
		this.attempts.killed((steps) -> {
			step(steps, "removed");
			throw this.attempts.kill();
		});

		assertThat(this.attempts.attempt((steps) -> "without")).isEqualTo("without");
	}

	@Test
	void workThatKnowsOfNoStepsAnyMoreRuns() throws Throwable {
		this.attempts.killed((steps) -> {
			step(steps, "removed");
			throw this.attempts.kill();
		});

		assertThat(this.attempts.attempt((steps) -> "plain")).isEqualTo("plain");
	}

	@Test
	void renamedStepIsFoundUnderItsFormerNames() throws Throwable {
		this.attempts.killed((steps) -> {
			steps.run("debit", String.class, () -> "d-1");
			throw this.attempts.kill();
		});

		Object result = this.attempts.attempt((steps) -> steps.step("charge")
			.formerly("pay", "debit")
			.run(String.class, () -> "charged again")
			.value());

		assertThat(result).isEqualTo("d-1");
	}

	@Test
	void resultOfAnotherTypeThanBeforeDoesNotLeadToASecondRun() {
		this.attempts.killed((steps) -> {
			steps.run("charge", String.class, () -> "not a number");
			throw this.attempts.kill();
		});

		Throwable failure = this.attempts.failure((steps) -> {
			var charged = steps.run("charge", Integer.class, () -> {
				this.done.add("charged again");
				return 1;
			});
			assertThat(charged.replayed()).isTrue();
			return charged.value();
		});

		assertThat(failure).isInstanceOf(IdempotencyResultUnavailableException.class)
			.hasMessageContaining("Step 'charge'")
			.hasMessageContaining("was done");
		assertThat(this.done).isEmpty();
	}

	@Test
	void resultThatCannotBeStoredDoesNotLeadToASecondRun() {
		record Unspeakable(String name) {

			String secret() {
				return this.name;
			}

			@JsonProperty
			String broken() {
				throw new IllegalStateException("not to be told");
			}

		}
		Supplier<Throwable> attempt = () -> this.attempts.failure((steps) -> {
			var completed = steps.run("charge", Unspeakable.class, () -> {
				this.done.add("charged");
				return new Unspeakable("n");
			});
			if (!completed.replayed()) {
				assertThat(completed.value().secret()).isEqualTo("n");
				throw new IllegalStateException("first");
			}
			return completed.value().secret();
		});

		assertThat(attempt.get()).hasMessage("first");
		assertThat(attempt.get()).isInstanceOf(IdempotencyResultUnavailableException.class);
		assertThat(this.done).containsExactly("charged");
	}

	@Test
	void resultThatNobodyCouldRestoreIsRefusedBeforeTheStepRuns() {
		assertThat(this.attempts.failure((steps) -> steps.run("stream", Stream.class, () -> {
			this.done.add("ran");
			return Stream.of("a");
		}))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("cannot be restored");
		assertThat(this.done).isEmpty();
	}

	@Test
	void oneNameStandsForOneStep() {
		assertThat(this.attempts.failure((steps) -> {
			step(steps, "email");
			step(steps, "email");
			return null;
		})).isInstanceOf(IllegalStateException.class).hasMessageContaining("two steps 'email'");
		assertThat(this.done).containsExactly("email");
	}

	@Test
	void stepThatThrewMayBeCalledAgain() throws Throwable {
		this.attempts.attempt((steps) -> {
			assertThatIllegalStateException().isThrownBy(() -> steps.run("email", () -> {
				throw new IllegalStateException("no");
			}));
			step(steps, "email");
			return null;
		});

		assertThat(this.done).containsExactly("email");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "$failed", "$undone:x" })
	void nameIsTextAndNotReserved(String name) throws Throwable {
		this.attempts.attempt((steps) -> {
			assertThatIllegalArgumentException().isThrownBy(() -> steps.run(name, () -> this.done.add("ran")));
			assertThatIllegalArgumentException().isThrownBy(() -> steps.step("x").formerly(name));
			return null;
		});

		assertThat(this.done).isEmpty();
	}

	// Retry

	@Test
	void stepIsTriedAgainAfterGrowingPauses() throws Throwable {
		this.attempts.attempt((steps) -> steps.step("email").retry(3, Duration.ofMillis(1000)).run(() -> {
			this.done.add("try");
			if (this.done.size() < 4) {
				throw new IOException("down");
			}
		}).value());

		assertThat(this.done).hasSize(4);
		assertThat(this.attempts.pauses).hasSize(3);
		assertThat(this.attempts.pauses.get(0)).isBetween(750L, 1000L);
		assertThat(this.attempts.pauses.get(1)).isBetween(1500L, 2000L);
		assertThat(this.attempts.pauses.get(2)).isBetween(3000L, 4000L);
	}

	@Test
	void lastFailureIsThrownWhenTheBackOffStops() {
		Throwable failure = this.attempts
			.failure((steps) -> steps.step("email").retry(new FixedBackOff(10, 2)).run(() -> {
				this.done.add("try");
				throw new IOException("down " + this.done.size());
			}));

		assertThat(failure).isInstanceOf(IOException.class).hasMessage("down 3");
	}

	@Test
	void errorsAndRememberedFailuresAreNotTriedAgain() {
		this.attempts = Attempts.rememberingFailures();

		this.attempts.failure((steps) -> steps.step("a").retry(5, Duration.ofMillis(10)).run(() -> {
			throw new StackOverflowError();
		}));
		this.attempts.failure((steps) -> steps.step("b").retry(5, Duration.ofMillis(10)).run(() -> {
			throw new Declined("final");
		}));

		assertThat(this.attempts.pauses).isEmpty();
	}

	@Test
	void stepIsNotTriedAgainOnceTheLeaseIsLost() {
		this.attempts.whilePausing = () -> this.attempts.takeOver();

		Throwable failure = this.attempts.failure((steps) -> {
			Throwable thrown = null;
			try {
				steps.step("email").retry(1, Duration.ofMillis(10)).run(() -> {
					this.done.add("try");
					if (this.done.size() == 1) {
						throw new IllegalStateException("down");
					}
				});
			}
			catch (Throwable ex) {
				thrown = ex;
			}
			assertThat(thrown).isInstanceOf(IdempotencyLeaseLostException.class);
			step(steps, "next");
			return "swallowed";
		});

		assertThat(failure).isInstanceOf(IdempotencyLeaseLostException.class);
		assertThat(this.done).doesNotContain("next");
	}

	@Test
	void interruptEndsThePauseAndTheStep() {
		this.attempts.whilePausing = () -> Thread.currentThread().interrupt();

		Throwable failure = this.attempts
			.failure((steps) -> steps.step("email").retry(5, Duration.ofMillis(10)).run(() -> {
				this.done.add("try");
				throw new IllegalStateException("down");
			}));

		assertThat(Thread.interrupted()).isTrue();
		assertThat(failure).hasMessage("down");
		assertThat(this.done).hasSize(1);
	}

	@Test
	void realPauseEndsWithAnInterrupt() {
		Thread.currentThread().interrupt();

		assertThat(Pause.REAL.pass(60_000, () -> false)).isFalse();
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void realPauseEndsWhenThereIsNoUseInIt() {
		assertThat(Pause.REAL.pass(60_000, () -> true)).isFalse();
		assertThat(Pause.REAL.pass(5, () -> false)).isTrue();
	}

	// Remembered failures of a step

	@Test
	void rememberedFailureOfAStepIsThrownAgain() {
		Supplier<Throwable> attempt = () -> this.attempts
			.failure((steps) -> steps.step("score").rememberFailures(Declined.class, NoText.class).run(() -> {
				this.done.add("scored");
				throw new Declined("too low");
			}));

		assertThat(attempt.get()).isInstanceOf(Declined.class).hasMessage("too low");
		assertThat(attempt.get()).isInstanceOf(Declined.class).hasMessage("too low");
		assertThat(this.done).containsExactly("scored");
	}

	@Test
	void rememberedFailureThatCannotBeRebuiltIsTold() {
		Supplier<Throwable> attempt = () -> this.attempts
			.failure((steps) -> steps.step("score").rememberFailures(NoText.class).run(() -> {
				throw new NoText();
			}));

		assertThat(attempt.get()).isInstanceOf(NoText.class);
		assertThat(attempt.get()).isInstanceOf(IdempotencyRememberedFailureException.class);
	}

	// Nested and parallel

	@Test
	void innerStepsAreGoneOnWithUntilTheOuterOneIsDone() throws Throwable {
		Attempts.Body body = (steps) -> steps.run("order", () -> {
			step(steps, "order/reserve");
			step(steps, "order/charge");
			if (this.done.size() < 3) {
				this.done.add("killed");
				throw this.attempts.kill();
			}
		}).replayed();
		this.attempts.resultType(Boolean.class);

		this.attempts.killed(body);
		assertThat(this.attempts.attempt(body)).isEqualTo(false);

		assertThat(this.done).containsExactly("order/reserve", "order/charge", "killed");
	}

	@Test
	void outerStepThatIsDoneStandsForItsInnerOnes() throws Throwable {
		Attempts.Body body = (steps) -> {
			steps.run("order", () -> step(steps, "order/reserve"));
			if (this.done.size() == 1) {
				this.done.add("failed");
				throw new IllegalStateException("later");
			}
			return null;
		};

		this.attempts.failure(body);
		this.attempts.attempt(body);

		assertThat(this.done).containsExactly("order/reserve", "failed");
	}

	@Test
	void outerStepThatIsTriedAgainSkipsItsInnerOnesThatAreDone() throws Throwable {
		this.attempts.attempt((steps) -> steps.step("order").retry(1, Duration.ofMillis(10)).run(() -> {
			step(steps, "order/reserve");
			this.done.add("try");
			if (this.done.size() < 3) {
				throw new IllegalStateException("once");
			}
		}).value());

		assertThat(this.done).containsExactly("order/reserve", "try", "try");
	}

	@Test
	void innerStepHasANameBelowTheOuterOne() {
		assertThat(this.attempts.failure((steps) -> steps.run("order", () -> step(steps, "reserve"))))
			.isInstanceOf(IllegalStateException.class)
			.hasMessageContaining("has to begin with 'order/'");
	}

	@Test
	void stepsRunInParallelAndKnowTheirRun() throws Throwable {
		ExecutorService threads = Executors.newFixedThreadPool(4);
		Attempts.Body body = (steps) -> {
			List<CompletableFuture<String>> running = IntStream.range(0, 16)
				.mapToObj((i) -> CompletableFuture.supplyAsync(() -> steps.run("part-" + i, String.class, () -> {
					this.done.add("part");
					return IdempotencyContext.current().orElseThrow().operation() + i;
				}).value(), threads))
				.toList();
			String all = String.join(" ", running.stream().map(CompletableFuture::join).toList());
			if (this.done.size() == 16) {
				this.done.add("killed");
				throw this.attempts.kill();
			}
			return all;
		};

		this.attempts.killed(body);
		Object result = this.attempts.attempt(body);
		threads.shutdown();

		assertThat(result).asString().contains("profile-update0 ").endsWith(" profile-update15");
		assertThat(this.done).hasSize(17);
	}

	@Test
	void workEndsWhenTheStepsOfItsThreadsHave() throws Throwable {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		CompletableFuture<Throwable> late = new CompletableFuture<>();

		Throwable failure = this.attempts.failure((steps) -> {
			new Thread(() -> {
				steps.run("slow", () -> {
					begun.countDown();
					Awaitility.await().until(() -> go.getCount() == 0);
					this.done.add("slow");
				});
				try {
					step(steps, "too late");
				}
				catch (Throwable ex) {
					late.complete(ex);
				}
			}).start();
			begun.await(10, TimeUnit.SECONDS);
			CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS).execute(go::countDown);
			throw new IllegalStateException("at once");
		});

		assertThat(failure).hasMessage("at once");
		assertThat(this.done).containsExactly("slow");
		assertThat(late.get(10, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class)
			.hasMessageContaining("after the work of operation 'profile-update'");
		this.attempts.attempt((steps) -> {
			step(steps, "slow");
			return null;
		});
		assertThat(this.done).containsExactly("slow");
	}

	// The store

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void checkpointWithoutAnAnswerIsSentAgain(boolean applied) throws Throwable {
		(applied ? this.attempts.failAfter : this.attempts.failBefore).set(3);

		this.attempts.attempt((steps) -> {
			step(steps, "charge");
			return null;
		});

		assertThat(this.done).containsExactly("charge");
		assertThat(this.attempts.pauses).hasSize(3);
	}

	@Test
	void storeThatDoesNotAnswerHaltsTheAttempt() throws Throwable {
		this.attempts.failBefore.set(4);

		Throwable failure = this.attempts.failure((steps) -> {
			Throwable thrown = null;
			try {
				steps.step("charge").retry(9, Duration.ofMillis(10)).run(() -> this.done.add("charge"));
			}
			catch (RuntimeException ex) {
				thrown = ex;
			}
			assertThat(thrown).isInstanceOf(IdempotencyStoreUnavailableException.class);
			try {
				step(steps, "ship");
			}
			catch (RuntimeException ex) {
				assertThat(ex).isSameAs(thrown);
			}
			return "swallowed";
		});

		assertThat(failure).isInstanceOf(IdempotencyStoreUnavailableException.class);
		assertThat(this.done).containsExactly("charge");
		assertThat(this.attempts.record().status()).isEqualTo(RecordStatus.FAILED);
	}

	@Test
	void staleOwnerRecordsNoStepAndStops() {
		Throwable failure = this.attempts.failure((steps) -> {
			step(steps, "one");
			this.attempts.takeOver();
			try {
				step(steps, "two");
			}
			catch (IdempotencyLeaseLostException ex) {
				this.done.add("lost");
			}
			step(steps, "three");
			return "late";
		});

		assertThat(failure).isInstanceOf(IdempotencyLeaseLostException.class);
		assertThat(this.done).containsExactly("one", "two", "lost");
	}

	@Test
	void staleOwnerGetsTheAnswerOfItsSuccessor() throws Throwable {
		Object result = this.attempts.attempt((steps) -> {
			step(steps, "one");
			this.attempts.store()
				.complete(this.attempts.takeOver(), StoredOutcome.value("\"theirs\"".getBytes(StandardCharsets.UTF_8)),
						Attempts.LEASE);
			step(steps, "two");
			return "mine";
		});

		assertThat(result).isEqualTo("theirs");
	}

	@Test
	void heldWorkGoesOnWhereItStoppedOnceAnOperatorSaysSo() throws Throwable {
		this.attempts = Attempts.holding();
		this.attempts.killed((steps) -> {
			step(steps, "one");
			throw this.attempts.kill();
		});
		assertThat(this.attempts.failure((steps) -> "nobody")).isInstanceOf(IdempotencyOutcomeUnknownException.class);

		this.attempts.store()
			.resolve(this.attempts.record().id(), this.attempts.record().fence(), new Resolution.RunAgain());
		this.attempts.attempt((steps) -> {
			step(steps, "one");
			step(steps, "two");
			return null;
		});

		assertThat(this.done).containsExactly("one", "two");
	}

	@Test
	void attemptThatIsRefusedBeforeTheWorkForgetsNothing() throws Throwable {
		this.attempts.killed((steps) -> {
			step(steps, "one");
			throw this.attempts.kill();
		});

		this.attempts.refused();
		this.attempts.attempt((steps) -> {
			step(steps, "one");
			step(steps, "two");
			return null;
		});

		assertThat(this.done).containsExactly("one", "two");
	}

	@Test
	void callWithoutStepsHasNoCheckpoints() throws Throwable {
		this.attempts = new Attempts(OperationSettings.builder());

		assertThat(this.attempts.attempt((steps) -> "plain")).isEqualTo("plain");

		assertThat(this.attempts.pauses).isEmpty();
	}

	private void step(DurableSteps steps, String name) {
		steps.run(name, () -> this.done.add(name));
	}

}
