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

package io.idempotency.method;

import java.math.BigDecimal;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyIgnore;
import io.idempotency.IdempotencyKey;
import io.idempotency.IdempotencyKeyInvalidException;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.Idempotent;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authentication.TestingAuthenticationToken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Where a call's key, fingerprint and conditions come from.
 */
class MethodKeyTests {

	private static final Order TEN = new Order("o-1", new BigDecimal("10.00"), new Customer("c-1", null));

	private static final Order TWENTY = new Order("o-1", new BigDecimal("20.00"), new Customer("c-1", null));

	private final ApplicationContextRunner runner = GuardedContext.runner().withUserConfiguration(Application.class);

	@Test
	void explicitKeyTellsRequestsApart() {
		withPayments((payments) -> {
			int first = payments.byId(TEN);

			assertThat(payments.byId(new Order("o-1", new BigDecimal("10.0"), new Customer("c-1", null))))
				.isEqualTo(first);
			assertThat(payments.byId(new Order("o-2", BigDecimal.TEN, new Customer("c-1", null)))).isNotEqualTo(first);
		});
	}

	@Test
	void explicitKeyIsWhatTheWorkSees() {
		withPayments((payments) -> {
			payments.byId(TEN);

			assertThat(payments.seenKey()).isEqualTo("o-1");
		});
	}

	@Test
	void explicitKeyComesWithAFingerprintOfAllArguments() {
		withPayments((payments) -> {
			payments.byId(TEN);

			assertThatExceptionOfType(IdempotencyKeyMismatchException.class).isThrownBy(() -> payments.byId(TWENTY));
			assertThat(payments.runs()).isEqualTo(1);
		});
	}

	@Test
	void fingerprintExpressionComparesWhatItNames() {
		withPayments((payments) -> {
			int first = payments.byAmount("k", TEN, "a note");

			assertThat(payments.byAmount("k", TEN, "another note")).isEqualTo(first);
			assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
				.isThrownBy(() -> payments.byAmount("k", TWENTY, "a note"));
		});
	}

	@Test
	void fingerprintNoneComparesNothing() {
		withPayments((payments) -> {
			int first = payments.comparingNothing("k", TEN);

			assertThat(payments.comparingNothing("k", TWENTY)).isEqualTo(first);
		});
	}

	@Test
	void markedParameterIsTheKey() {
		withPayments((payments) -> {
			int first = payments.byParameter("k", TEN);

			assertThat(payments.byParameter("k", TEN)).isEqualTo(first);
			assertThat(payments.byParameter("k2", TEN)).isNotEqualTo(first);
			assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
				.isThrownBy(() -> payments.byParameter("k", TWENTY));
		});
	}

	@Test
	void severalMarkedParametersAreTheKeyTogether() {
		withPayments((payments) -> {
			int first = payments.bySeveral("ab", 1, "c");

			assertThat(payments.bySeveral("ab", 1, "c")).isEqualTo(first);
			assertThat(payments.bySeveral("a", 1, "bc")).isNotEqualTo(first);
			assertThat(payments.bySeveral("ab", 2, "c")).isNotEqualTo(first);
			assertThatExceptionOfType(IdempotencyKeyMissingException.class)
				.isThrownBy(() -> payments.bySeveral("ab", 1, " "));
		});
	}

	@Test
	void parameterMarkedOnTheInterfaceIsTheKey() {
		withPayments((payments) -> {
			int first = payments.ofInterface("k", "rent");

			assertThat(payments.ofInterface("k", "rent")).isEqualTo(first);
			assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
				.isThrownBy(() -> payments.ofInterface("k", "food"));
		});
	}

	@Test
	void withoutKeyAllArgumentsAreDigested() {
		withPayments((payments) -> {
			int first = payments.byAll("a", TEN);

			assertThat(payments.byAll("a", TEN)).isEqualTo(first);
			assertThat(payments.byAll("a", TWENTY)).isNotEqualTo(first);
			assertThat(payments.byAll("b", TEN)).isNotEqualTo(first);
			assertThat(payments.byAll(null, TEN)).isNotEqualTo(first);
		});
	}

	@Test
	void infrastructureAndIgnoredArgumentsAreNoPartOfTheDigest() {
		withPayments((payments) -> {
			int first = payments.withInfrastructure("a", () -> "ann", "trace-1", TEN);

			assertThat(payments.withInfrastructure("a", () -> "bob", "trace-2", TEN)).isEqualTo(first);
			assertThat(payments.withInfrastructure("b", () -> "ann", "trace-1", TEN)).isNotEqualTo(first);
		});
	}

	@Test
	void requestAndUserOfTheWebAreInfrastructure() {
		withPayments((payments) -> {
			HttpServletRequest request = new MockHttpServletRequest();
			TestingAuthenticationToken ann = new TestingAuthenticationToken("ann", null);
			int first = payments.withWeb("a", request, ann);

			assertThat(payments.withWeb("a", new MockHttpServletRequest(), new TestingAuthenticationToken("bob", null)))
				.isEqualTo(first);
			assertThat(payments.withWeb("b", request, ann)).isNotEqualTo(first);
		});
	}

	@Test
	void ignoredArgumentIsNoPartOfTheFingerprintEither() {
		withPayments((payments) -> {
			int first = payments.byParameterIgnoring("k", "trace-1");

			assertThat(payments.byParameterIgnoring("k", "trace-2")).isEqualTo(first);
		});
	}

	@Test
	void expressionMayUseAnIgnoredArgument() {
		withPayments((payments) -> {
			int first = payments.byIgnored("trace-1");

			assertThat(payments.byIgnored("trace-1")).isEqualTo(first);
			assertThat(payments.byIgnored("trace-2")).isNotEqualTo(first);
		});
	}

	@Test
	void callOutsideOfTheConditionIsNotGuarded() {
		withPayments((payments) -> {
			payments.ifLarge("k", 10);
			payments.ifLarge("k", 10);
			assertThat(payments.runs()).isEqualTo(2);

			payments.ifLarge("k", 1000);
			payments.ifLarge("k", 1000);
			assertThat(payments.runs()).isEqualTo(3);
		});
	}

	@Test
	void conditionIsConvertedToABooleanOrRefused() {
		withPayments((payments) -> {
			assertThat(payments.ifText("k", "true")).isEqualTo(payments.ifText("k", "true"));
			assertThat(payments.ifText("k", "false")).isNotEqualTo(payments.ifText("k", "false"));
			assertThatExceptionOfType(IdempotencyKeyInvalidException.class)
				.isThrownBy(() -> payments.ifText("k", "perhaps"));
			assertThat(payments.runs()).isEqualTo(3);
		});
	}

	@Test
	void conditionThatCannotBeEvaluatedRunsNothing() {
		withPayments((payments) -> assertThatExceptionOfType(IdempotencyKeyInvalidException.class)
			.isThrownBy(() -> payments.ifCustomer("k", null))
			.withMessageContaining("payments-if-customer")
			.withMessageContaining("Nothing ran")
			.satisfies((ex) -> assertThat(payments.runs()).isEqualTo(0)));
	}

	@Test
	void unlessForgetsWhatItMatches() {
		withPayments((payments) -> {
			assertThat(payments.unlessPending("k", true)).isEqualTo(new Answer(1, true));
			assertThat(payments.unlessPending("k", false)).isEqualTo(new Answer(2, false));
			assertThat(payments.unlessPending("k", true)).isEqualTo(new Answer(2, false));
		});
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "", " ", "\t\n" })
	void nullAndBlankKeysAreRefusedBeforeAnythingRuns(@Nullable String key) {
		withPayments((payments) -> {
			assertThatExceptionOfType(IdempotencyKeyMissingException.class)
				.isThrownBy(() -> payments.byParameter(key, TEN))
				.withMessageContaining("payments-by-parameter");
			assertThatExceptionOfType(IdempotencyKeyMissingException.class)
				.isThrownBy(() -> payments.comparingNothing(key, TEN));
			assertThat(payments.runs()).isEqualTo(0);
		});
	}

	@Test
	void keyOfTenThousandCharactersIsRefusedBeforeAnythingRunsWithoutNamingIt() {
		withPayments((payments) -> {
			assertThatExceptionOfType(IdempotencyKeyInvalidException.class)
				.isThrownBy(() -> payments.byParameter("x".repeat(10_000), TEN))
				.withMessageContaining("10000 characters")
				.withMessageContaining("512")
				.withMessageNotContaining("xxx");
			assertThat(payments.runs()).isEqualTo(0);
		});
	}

	@Test
	void undigestibleArgumentIsNamedBeforeAnythingRuns() {
		withPayments((payments) -> {
			assertThatExceptionOfType(IdempotencyKeyInvalidException.class)
				.isThrownBy(() -> payments.withAnything("a", new Object()))
				.withMessageContaining("payments-with-anything")
				.withMessageContaining("payload");
			assertThat(payments.runs()).isEqualTo(0);
		});
	}

	@Test
	void expressionThatMeetsNullIsRefusedBeforeAnythingRuns() {
		withPayments((payments) -> {
			assertThatExceptionOfType(IdempotencyKeyInvalidException.class)
				.isThrownBy(() -> payments.byCustomer(new Order("o", BigDecimal.ONE, null)))
				.withMessageContaining("payments-by-customer")
				.withMessageContaining("?.");
			assertThat(payments.runs()).isEqualTo(0);
		});
	}

	@Test
	void expressionThatIsNullSafeYieldsNoKey() {
		withPayments((payments) -> assertThatExceptionOfType(IdempotencyKeyMissingException.class)
			.isThrownBy(() -> payments.byCustomerSafely(new Order("o", BigDecimal.ONE, null))));
	}

	@Test
	void expressionReachesIntoRecordsMapsAndLists() {
		withPayments((payments) -> {
			payments.byPath(TEN, Map.of("id", "m"), List.of("x", "y"));

			assertThat(payments.seenKey()).isEqualTo("c-1/m/y");
		});
	}

	@Test
	void argumentsHavePositionalNames() {
		withPayments((payments) -> {
			payments.byPosition("a", "b");

			assertThat(payments.seenKey()).isEqualTo("ab");
		});
	}

	@Test
	void expressionMayAskABean() {
		withPayments((payments) -> {
			payments.byBean("a");

			assertThat(payments.seenKey()).isEqualTo("tenant-1:a");
		});
	}

	@Test
	void compiledExpressionIsStillRightWhenArgumentTypesChange() {
		withPayments((payments) -> {
			for (int i = 0; i < 300; i++) {
				Object argument = switch (i % 4) {
					case 0 -> new First("first-" + i);
					case 1 -> new Second("second-" + i);
					case 2 -> Map.of("id", "map-" + i);
					default -> new Third(i);
				};
				payments.byIdOfAnything(argument);

				String expected = switch (i % 4) {
					case 0 -> "first-" + i;
					case 1 -> "second-" + i;
					case 2 -> "map-" + i;
					default -> String.valueOf(i);
				};
				assertThat(payments.seenKey()).isEqualTo(expected);
			}
		});
	}

	@Test
	void expressionThatWasCompiledForOneTypeAcceptsAnother() {
		withPayments((payments) -> {
			for (int i = 0; i < 250; i++) {
				payments.byIdOfAnything(new First("first-" + i));
				assertThat(payments.seenKey()).isEqualTo("first-" + i);
			}
			for (int i = 0; i < 250; i++) {
				payments.byIdOfAnything(new Second("second-" + i));
				assertThat(payments.seenKey()).isEqualTo("second-" + i);
			}
		});
	}

	@Test
	void optionalIsReachedThroughInAKey() {
		withPayments((payments) -> {
			int first = payments.byOptional(Optional.of("k"));

			assertThat(payments.byOptional(Optional.of("k"))).isEqualTo(first);
			assertThatExceptionOfType(IdempotencyKeyMissingException.class)
				.isThrownBy(() -> payments.byOptional(Optional.empty()));
		});
	}

	private void withPayments(Consumer<Payments> test) {
		this.runner.run((context) -> test.accept(context.getBean(Payments.class)));
	}

	@Configuration(proxyBeanMethods = false)
	@Import({ Payments.class, Tenants.class })
	static class Application {

	}

	public record Customer(String id, @Nullable String name) {

	}

	public record Order(String id, BigDecimal amount, @Nullable Customer customer) {

	}

	public record Answer(int number, boolean pending) {

	}

	public record First(String id) {

	}

	public record Second(String id) {

	}

	public record Third(long id) {

	}

	public static class Tenants {

		public String current() {
			return "tenant-1";
		}

	}

	interface OfInterface {

		@Idempotent
		int ofInterface(@IdempotencyKey String key, String what);

	}

	static class Payments implements OfInterface {

		private final AtomicInteger runs = new AtomicInteger();

		private volatile @Nullable String seenKey;

		@Idempotent("#order.id")
		public int byId(Order order) {
			return work();
		}

		@Idempotent(key = "#key", fingerprint = "#order.amount")
		public int byAmount(String key, Order order, String note) {
			return work();
		}

		@Idempotent(key = "#key", fingerprint = "none")
		public int comparingNothing(@Nullable String key, Order order) {
			return work();
		}

		@Idempotent
		public int byParameter(@IdempotencyKey @Nullable String key, Order order) {
			return work();
		}

		@Idempotent
		public int bySeveral(@IdempotencyKey String first, @IdempotencyKey int second, @IdempotencyKey String third) {
			return work();
		}

		@Override
		public int ofInterface(String key, String what) {
			return work();
		}

		@Idempotent
		public int byAll(@Nullable String note, Order order) {
			return work();
		}

		@Idempotent
		public int withInfrastructure(String note, Principal user, @IdempotencyIgnore String trace, Order order) {
			return work();
		}

		@Idempotent
		public int withWeb(String note, HttpServletRequest request, TestingAuthenticationToken user) {
			return work();
		}

		@Idempotent
		public int byParameterIgnoring(@IdempotencyKey String key, @IdempotencyIgnore String trace) {
			return work();
		}

		@Idempotent("#trace")
		public int byIgnored(@IdempotencyIgnore String trace) {
			return work();
		}

		@Idempotent(key = "#key", condition = "#amount > 100")
		public int ifLarge(String key, int amount) {
			return work();
		}

		@Idempotent(key = "#key", condition = "#guarded", fingerprint = "none")
		public int ifText(String key, String guarded) {
			return work();
		}

		@Idempotent(key = "#key", condition = "#customer.name == 'ann'")
		public int ifCustomer(String key, @Nullable Customer customer) {
			return work();
		}

		@Idempotent(key = "#key", fingerprint = "none", unless = "#result.pending")
		public Answer unlessPending(String key, boolean pending) {
			return new Answer(work(), pending);
		}

		@Idempotent
		public int withAnything(String note, Object payload) {
			return work();
		}

		@Idempotent("#order.customer.id")
		public int byCustomer(Order order) {
			return work();
		}

		@Idempotent("#order.customer?.id")
		public int byCustomerSafely(Order order) {
			return work();
		}

		@Idempotent("#order.customer.id + '/' + #map['id'] + '/' + #list[1]")
		public int byPath(Order order, Map<String, String> map, List<String> list) {
			return work();
		}

		@Idempotent("#p0 + #a1")
		public int byPosition(String first, String second) {
			return work();
		}

		@Idempotent("@'io.idempotency.method.MethodKeyTests$Tenants'.current() + ':' + #key")
		public int byBean(String key) {
			return work();
		}

		@Idempotent(key = "#anything instanceof T(java.util.Map) ? #anything['id'] : #anything.id",
				fingerprint = "none")
		public int byIdOfAnything(Object anything) {
			return work();
		}

		@Idempotent
		public int byOptional(@IdempotencyKey Optional<String> key) {
			return work();
		}

		int runs() {
			return this.runs.get();
		}

		@Nullable String seenKey() {
			return this.seenKey;
		}

		private int work() {
			this.seenKey = IdempotencyContext.current().map(IdempotencyContext::key).orElse(null);
			return this.runs.incrementAndGet();
		}

	}

}
