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

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.idempotency.IdempotencyKeyInvalidException;
import io.idempotency.Idempotent;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is said when an expression does not fit the arguments of a call.
 */
@ExtendWith(OutputCaptureExtension.class)
class ExpressionFailureTests {

	private static final String NULL_SAFE = "?.";

	private static final Order ORDER = new Order("secret", null, List.of("secret"), null);

	@Test
	void missingMemberIsNamedWithItsTypeAndNotTakenForANull() {
		refused((orders) -> orders.byMissingMember(ORDER),
				(failure) -> failure.withMessageContaining("'by-missing-member'")
					.withMessageContaining("key=\"#order.idd\"")
					.withMessageContaining("no member 'idd'")
					.withMessageContaining(Order.class.getName())
					.withMessageContaining("Nothing ran")
					.withMessageNotContaining(NULL_SAFE));
	}

	@Test
	void missingMethodIsNamedWithItsTypes() {
		refused((orders) -> orders.byMissingMethod(ORDER),
				(failure) -> failure.withMessageContaining("fingerprint=\"#order.total(#order.id)\"")
					.withMessageContaining("no method 'total(java.lang.String)'")
					.withMessageContaining(Order.class.getName())
					.withMessageNotContaining(NULL_SAFE));
	}

	@Test
	void missingMemberOfAnElementIsNamed() {
		refused((orders) -> orders.byMissingMemberOfElements(ORDER),
				(failure) -> failure.withMessageContaining("no member 'sku'")
					.withMessageContaining(String.class.getName())
					.withMessageNotContaining(NULL_SAFE));
	}

	@Test
	void nullIsNamedByWhatWasAskedOfIt() {
		refused((orders) -> orders.byCustomer(ORDER),
				(failure) -> failure.withMessageContaining("condition=\"#order.customer.id == 'ann'\"")
					.withMessageContaining("'id' of null")
					.withMessageContaining(NULL_SAFE));
		refused((orders) -> orders.byMethodOfCustomer(ORDER),
				(failure) -> failure.withMessageContaining("'id()' of null").withMessageContaining(NULL_SAFE));
	}

	@Test
	void nullThatIsIndexedProjectedOrSelectedFromIsANull() {
		refused((orders) -> orders.byNote(ORDER),
				(failure) -> failure.withMessageContaining("null").withMessageContaining(NULL_SAFE));
		refused((orders) -> orders.byAllNotes(ORDER),
				(failure) -> failure.withMessageContaining("null").withMessageContaining(NULL_SAFE));
		refused((orders) -> orders.bySomeNotes(ORDER),
				(failure) -> failure.withMessageContaining("null").withMessageContaining(NULL_SAFE));
	}

	@Test
	void argumentWithoutItsHashIsNotTakenForANull() {
		refused((orders) -> orders.byBareName("k", ORDER),
				(failure) -> failure.withMessageContaining("key=\"#id + order.id\"")
					.withMessageContaining("'order'")
					.withMessageContaining("#")
					.withMessageNotContaining(NULL_SAFE));
	}

	@Test
	void otherReasonIsCalledByItsCodeWithoutItsValues() {
		refused((orders) -> orders.byPattern(ORDER, "secret["),
				(failure) -> failure.withMessageContaining("INVALID_PATTERN").withMessageNotContaining(NULL_SAFE));
		refused((orders) -> orders.ifText(ORDER, "secret"),
				(failure) -> failure.withMessageContaining("condition=\"#text\"").withMessageNotContaining(NULL_SAFE));
	}

	@Test
	void unlessThatFailsIsNamedInTheLogAndDoesNotClaimThatNothingRan(CapturedOutput output) {
		withOrders((orders) -> assertThat(orders.unlessMissing("k")).isEqualTo(orders.unlessMissing("k")));

		assertThat(output.getAll()).contains("'unless' of")
			.contains("unless=\"#result.pending\"")
			.contains("no member 'pending'")
			.doesNotContainIgnoringCase("nothing ran");
	}

	private static void refused(Consumer<Orders> call,
			Consumer<ThrowableAssertAlternative<IdempotencyKeyInvalidException>> failure) {
		withOrders((orders) -> {
			failure.accept(assertThatExceptionOfType(IdempotencyKeyInvalidException.class)
				.isThrownBy(() -> call.accept(orders))
				.withMessageNotContaining("secret"));
			assertThat(orders.runs()).isZero();
		});
	}

	private static void withOrders(Consumer<Orders> calls) {
		GuardedContext.runner()
			.withUserConfiguration(Orders.class)
			.run((context) -> calls.accept(context.getBean(Orders.class)));
	}

	record Customer(String id) {

	}

	record Order(String id, @Nullable Customer customer, List<String> lines, @Nullable Map<String, String> notes) {

	}

	static class Orders {

		private int runs;

		@Idempotent(key = "#order.idd", operation = "by-missing-member")
		public int byMissingMember(Order order) {
			return ++this.runs;
		}

		@Idempotent(key = "#order.id", fingerprint = "#order.total(#order.id)")
		public int byMissingMethod(Order order) {
			return ++this.runs;
		}

		@Idempotent(key = "#order.id", fingerprint = "#order.lines.![sku]")
		public int byMissingMemberOfElements(Order order) {
			return ++this.runs;
		}

		@Idempotent(key = "#order.id", condition = "#order.customer.id == 'ann'")
		public int byCustomer(Order order) {
			return ++this.runs;
		}

		@Idempotent("#order.customer.id()")
		public int byMethodOfCustomer(Order order) {
			return ++this.runs;
		}

		@Idempotent("#order.notes['a']")
		public int byNote(Order order) {
			return ++this.runs;
		}

		@Idempotent("#order.notes.![value]")
		public int byAllNotes(Order order) {
			return ++this.runs;
		}

		@Idempotent("#order.notes.?[value == 'a']")
		public int bySomeNotes(Order order) {
			return ++this.runs;
		}

		@Idempotent("#id + order.id")
		public int byBareName(String id, Order order) {
			return ++this.runs;
		}

		@Idempotent("#order.id matches #pattern")
		public int byPattern(Order order, String pattern) {
			return ++this.runs;
		}

		@Idempotent(key = "#order.id", condition = "#text")
		public int ifText(Order order, String text) {
			return ++this.runs;
		}

		@Idempotent(key = "#key", unless = "#result.pending")
		public int unlessMissing(String key) {
			return ++this.runs;
		}

		int runs() {
			return this.runs;
		}

	}

}
