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
package io.idempotency.web;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link RequestBodies} and {@link KeptBytes}.
 */
class RequestBodiesTests {

	private static final int SMALL = KeptBytes.SMALL;

	private static final int LIMIT = 10 * SMALL;

	private final RequestBodies bodies = new RequestBodies(LIMIT, LIMIT + SMALL);

	@Test
	void smallBodiesTakeNothingFromEachOther() {
		KeptBytes kept = this.bodies.begin(-1);

		receive(kept, SMALL);

		assertThat(kept.whole()).hasSize(SMALL);
		assertThat(this.bodies.taken()).isZero();
	}

	@Test
	void announcedBodyTakesWhatWasAnnounced() {
		KeptBytes kept = this.bodies.begin(2 * SMALL);

		receive(kept, SMALL + 1);

		assertThat(this.bodies.taken()).isEqualTo(2 * SMALL);
		assertThat(kept.array()).hasSize(2 * SMALL);
	}

	@Test
	void announcementAloneTakesNothing() {
		KeptBytes kept = this.bodies.begin(LIMIT);

		receive(kept, 1);

		assertThat(this.bodies.taken()).isZero();
		assertThat(kept.array()).hasSizeLessThan(SMALL);
	}

	@Test
	void bodyOfUnknownLengthTakesTheLimitUntilItIsReceived() {
		KeptBytes kept = this.bodies.begin(-1);

		receive(kept, SMALL + 1);
		assertThat(this.bodies.taken()).isEqualTo(LIMIT);

		assertThat(kept.whole()).hasSize(SMALL + 1);
		assertThat(this.bodies.taken()).isEqualTo(SMALL + 1);
	}

	@Test
	void bodyLongerThanAnnouncedIsKept() {
		KeptBytes kept = this.bodies.begin(2 * SMALL);

		receive(kept, 2 * SMALL);
		assertThat(kept.isMaybeWhole()).isTrue();
		receive(kept, 1);

		assertThat(kept.whole()).hasSize(2 * SMALL + 1);
		assertThat(this.bodies.taken()).isEqualTo(2 * SMALL + 1);
	}

	@Test
	void bytesStayInTheirOrder() {
		KeptBytes kept = this.bodies.begin(-1);
		byte[] sent = new byte[LIMIT];
		IntStream.range(0, LIMIT).forEach((i) -> sent[i] = (byte) (i % 251));

		for (int i = 0; i < LIMIT; i += 1000) {
			byte[] chunk = Arrays.copyOfRange(sent, i, Math.min(i + 1000, LIMIT));
			kept.makeRoom(chunk.length);
			kept.add(chunk);
		}

		assertThat(kept.whole()).isEqualTo(sent);
	}

	@Test
	void closingGivesEverythingBackOnce() {
		KeptBytes kept = this.bodies.begin(-1);
		receive(kept, LIMIT);

		kept.close();
		kept.close();

		assertThat(this.bodies.taken()).isZero();
		assertThat(kept.whole()).hasSize(LIMIT);
		assertThat(this.bodies.taken()).isZero();
	}

	@Test
	void bodyOverTheLimitIsRefusedAndDropped() {
		KeptBytes kept = this.bodies.begin(-1);
		receive(kept, LIMIT);

		assertProblem(ProblemType.REQUEST_TOO_LARGE, () -> kept.makeRoom(1));

		assertThat(this.bodies.taken()).isZero();
		assertThat(kept.array()).isEmpty();
		assertProblem(ProblemType.REQUEST_TOO_LARGE, () -> kept.makeRoom(1));
	}

	@Test
	void announcementOverTheLimitIsRefused() {
		assertProblem(ProblemType.REQUEST_TOO_LARGE, () -> this.bodies.begin(LIMIT + 1L));
		assertProblem(ProblemType.REQUEST_TOO_LARGE, () -> this.bodies.begin(Long.MAX_VALUE));
	}

	@Test
	void formOverTheLimitIsRefused() {
		Map<String, String[]> form = Map.of("a", new String[] { "x".repeat(LIMIT) });

		assertProblem(ProblemType.REQUEST_TOO_LARGE, () -> this.bodies.checkSize(form));
	}

	@Test
	void limitMayBeNothing() {
		KeptBytes kept = new RequestBodies(0, 0).begin(-1);

		assertThat(kept.isMaybeWhole()).isTrue();
		assertThat(kept.whole()).isEmpty();
		assertProblem(ProblemType.REQUEST_TOO_LARGE, () -> kept.makeRoom(1));
	}

	@Test
	void laterBodyWaitsForAnEarlierOne() {
		KeptBytes first = this.bodies.begin(-1);
		receive(first, SMALL + 1);
		KeptBytes second = this.bodies.begin(-1);

		CompletableFuture<Void> room = second.whenRoom(SMALL + 1);
		assertThat(room).isNotDone();
		first.whole();
		assertThat(room).isNotDone();
		first.close();

		assertThat(room).isCompleted();
		assertThat(second.room()).isEqualTo(LIMIT);
		assertThat(this.bodies.taken()).isEqualTo(LIMIT);
	}

	@Test
	void whatFitsDoesNotOvertakeWhatWaits() {
		KeptBytes first = this.bodies.begin(-1);
		receive(first, SMALL + 1);
		CompletableFuture<Void> large = this.bodies.begin(-1).whenRoom(SMALL + 1);
		CompletableFuture<Void> smaller = this.bodies.begin(SMALL + 1).whenRoom(SMALL + 1);

		assertThat(smaller).isNotDone();
		first.close();

		assertThat(large).isCompleted();
		assertThat(smaller).isNotDone();
	}

	@Test
	void whoGaveUpDoesNotKeepOthersWaiting() {
		KeptBytes first = this.bodies.begin(-1);
		receive(first, LIMIT);
		KeptBytes gone = this.bodies.begin(-1);
		CompletableFuture<Void> never = gone.whenRoom(LIMIT);
		CompletableFuture<Void> next = this.bodies.begin(-1).whenRoom(LIMIT);

		gone.close();
		first.close();

		assertThat(never).isCompletedExceptionally();
		assertThat(next).isCompleted();
		assertThat(this.bodies.taken()).isEqualTo(LIMIT);
	}

	@Test
	void whoeverFitsGoesOnWhenTheOneAheadGaveUp() {
		KeptBytes first = this.bodies.begin(2 * SMALL);
		receive(first, 2 * SMALL);
		KeptBytes gone = this.bodies.begin(-1);
		gone.whenRoom(LIMIT);
		CompletableFuture<Void> next = this.bodies.begin(2 * SMALL).whenRoom(2 * SMALL);
		assertThat(next).isNotDone();

		gone.close();

		assertThat(next).isCompleted();
	}

	@Test
	void whoeverFitsGoesOnWhenTheOneAheadWasRefused() {
		RequestBodies impatient = new RequestBodies(LIMIT, LIMIT + SMALL, Duration.ofMillis(1));
		receive(impatient.begin(2 * SMALL), 2 * SMALL);
		CompletableFuture<Void> refused = impatient.begin(-1).whenRoom(LIMIT);
		CompletableFuture<RequestBodies.Share> next = impatient.take(2 * SMALL);

		assertThat(refused).failsWithin(Duration.ofSeconds(5));
		assertThat(next).isCompleted();
	}

	@Test
	void whoFindsNoRoomForTooLongIsRefused() {
		RequestBodies impatient = new RequestBodies(LIMIT, LIMIT, Duration.ofNanos(1));
		KeptBytes first = impatient.begin(-1);
		receive(first, LIMIT);
		KeptBytes second = impatient.begin(-1);

		assertProblem(ProblemType.TOO_BUSY, () -> second.makeRoom(LIMIT));

		second.close();
		first.close();
		assertThat(impatient.taken()).isZero();
	}

	@Test
	void roomThatIsGivenAfterTheRequestIsOverIsGivenBack() {
		KeptBytes kept = this.bodies.begin(-1);
		kept.close();

		assertThatIllegalStateException().isThrownBy(() -> kept.makeRoom(LIMIT)).withMessageContaining("over");

		assertThat(this.bodies.taken()).isZero();
	}

	@Test
	void closingWhileRoomIsGivenLosesNothing() {
		for (int i = 0; i < 2000; i++) {
			KeptBytes first = this.bodies.begin(-1);
			receive(first, LIMIT);
			KeptBytes second = this.bodies.begin(-1);
			CompletableFuture<Void> room = second.whenRoom(LIMIT);

			CompletableFuture<Void> closing = CompletableFuture.runAsync(second::close);
			first.close();
			closing.join();

			assertThat(room.handle((done, ex) -> ex == null || ex.getCause() instanceof CancellationException
					|| ex instanceof CompletionException))
				.isCompletedWithValue(true);
			assertThat(this.bodies.taken()).isZero();
		}
	}

	@Test
	void memoryForLessThanOneBodyIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new RequestBodies(LIMIT, LIMIT - 1))
			.withMessageContaining("max-request-body");
	}

	private static void receive(KeptBytes kept, int count) {
		kept.makeRoom(count);
		kept.received(count);
	}

	private static void assertProblem(ProblemType type, ThrowingCallable call) {
		assertThatExceptionOfType(ProblemException.class).isThrownBy(call)
			.satisfies((ex) -> assertThat(ex.problem().type()).isEqualTo(type));
	}

}
