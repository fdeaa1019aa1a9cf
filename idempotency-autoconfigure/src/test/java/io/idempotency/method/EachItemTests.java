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

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import io.idempotency.IdempotencyKey;
import io.idempotency.IdempotencyKeyMismatchException;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.Idempotency;
import io.idempotency.Idempotent;
import io.idempotency.PartialFailureException;
import io.idempotency.TransactionMode;
import io.idempotency.autoconfigure.IdempotencyJdbcAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.store.RecordStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for methods whose items have a key each.
 */
class EachItemTests {

	@Test
	void methodIsCalledWithNewItemsAndCallerGetsAllResults() {
		run((mailer) -> {
			mailer.send(List.of(new Mail("2", "two")));

			List<Receipt> receipts = mailer
				.send(List.of(new Mail("3", "three"), new Mail("2", "two"), new Mail("1", "one")));

			assertThat(receipts).containsExactly(new Receipt("three"), new Receipt("two"), new Receipt("one"));
			assertThat(mailer.calls()).containsExactly(List.of("2"), List.of("3", "1"));
		});
	}

	@Test
	void methodIsNotCalledForNoItems() {
		run((mailer) -> {
			assertThat(mailer.send(List.of())).isEmpty();
			assertThat(mailer.calls()).isEmpty();
			assertThatExceptionOfType(IdempotencyKeyMissingException.class).isThrownBy(() -> mailer.send(null));
			assertThatExceptionOfType(IdempotencyKeyMissingException.class)
				.isThrownBy(() -> mailer.send(List.of(new Mail(null, "x"))));
		});
	}

	@Test
	void itemComesWithAFingerprintOfItselfAndTheOtherArguments() {
		run((mailer) -> {
			mailer.sendAs(List.of(new Mail("1", "one"), new Mail("2", "two")), "alice");

			mailer.sendAs(List.of(new Mail("2", "two")), "alice");
			assertThat(mailer.calls()).hasSize(1);
			assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
				.isThrownBy(() -> mailer.sendAs(List.of(new Mail("1", "other")), "alice"));
			assertThatExceptionOfType(IdempotencyKeyMismatchException.class)
				.isThrownBy(() -> mailer.sendAs(List.of(new Mail("1", "one")), "bob"));
		});
	}

	@Test
	void conditionIsAboutTheCallAndUnlessAboutTheItem() {
		run((mailer) -> {
			Set<Receipt> receipts = Set
				.copyOf(mailer.sendSome(List.of(new Mail("1", "draft"), new Mail("2", "two")), true));
			mailer.sendSome(List.of(new Mail("1", "draft"), new Mail("2", "two")), true);
			mailer.sendSome(List.of(new Mail("2", "two")), false);

			assertThat(receipts).hasSize(2);
			assertThat(mailer.calls()).containsExactly(List.of("1", "2"), List.of("1"), List.of("2"));
		});
	}

	@Test
	void partialFailureReachesTheCallerWithItsOwnPositions() {
		run((mailer) -> {
			mailer.sendOneByOne(List.of(new Mail("1", "one")));

			assertThatExceptionOfType(PartialFailureException.class)
				.isThrownBy(() -> mailer
					.sendOneByOne(List.of(new Mail("1", "one"), new Mail("2", "bounces"), new Mail("3", "three"))))
				.satisfies((ex) -> {
					assertThat(ex.results()).containsExactly(new Receipt("one"), null, new Receipt("three"));
					assertThat(ex.failures()).containsOnlyKeys(1);
					assertThat(ex).hasCauseInstanceOf(IllegalArgumentException.class);
				});

			mailer.sendOneByOne(List.of(new Mail("3", "three")));
			assertThat(mailer.calls()).containsExactly(List.of("1"), List.of("2", "3"));
		});
	}

	@Test
	void whatTheMethodThrowsIsThrownAndNothingIsKept() {
		run((mailer) -> {
			List<Mail> mails = List.of(new Mail("1", "one"), new Mail("2", "two"));
			mailer.isDown(true);
			assertThatIllegalStateException().isThrownBy(() -> mailer.post(mails)).withMessage("down");
			mailer.isDown(false);

			mailer.post(mails);
			mailer.post(mails);

			assertThat(mailer.calls()).containsExactly(List.of("1", "2"), List.of("1", "2"));
		});
	}

	@Test
	void methodMayOpenATransactionAndIsRefusedInsideOfOne() {
		GuardedContext.withDatabase()
			.withConfiguration(AutoConfigurations.of(IdempotencyJdbcAutoConfiguration.class))
			.withPropertyValues("idempotency.store=jdbc")
			.withUserConfiguration(Mailing.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				Mailer mailer = context.getBean(Mailer.class);

				mailer.inTransaction(List.of(new Mail("1", "one")));
				mailer.inTransaction(List.of(new Mail("1", "one"), new Mail("2", "two")));

				assertThat(mailer.calls()).containsExactly(List.of("1"), List.of("2"));
				assertThatIllegalStateException()
					.isThrownBy(() -> context.getBean(TransactionTemplate.class)
						.executeWithoutResult((status) -> mailer.inTransaction(List.of(new Mail("3", "three")))))
					.withMessageContaining("cannot be part of a transaction");
				assertThat(mailer.calls()).hasSize(2);
			});
	}

	@Test
	void batchIsApartFromTransactionsWhateverTheDefaultIs() {
		GuardedContext.withDatabase()
			.withConfiguration(AutoConfigurations.of(IdempotencyJdbcAutoConfiguration.class))
			.withPropertyValues("idempotency.store=jdbc", "idempotency.transaction=joined",
					"idempotency.operations.send-in-transaction.transaction=auto")
			.withUserConfiguration(Mailing.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				Mailer mailer = context.getBean(Mailer.class);

				mailer.inTransaction(List.of(new Mail("1", "one")));
				mailer.inTransaction(List.of(new Mail("1", "one"), new Mail("2", "two")));
				List<String> sent = context.getBean(Idempotency.class)
					.batch("facade")
					.keys(List.of("a", "b"), (item) -> item)
					.execute(String.class, (items) -> items)
					.values();

				assertThat(mailer.calls()).containsExactly(List.of("1"), List.of("2"));
				assertThat(sent).containsExactly("a", "b");
			});
	}

	@Test
	void batchThatIsToBeJoinedByNameIsRefused() {
		GuardedContext.withDatabase()
			.withConfiguration(AutoConfigurations.of(IdempotencyJdbcAutoConfiguration.class))
			.withPropertyValues("idempotency.store=jdbc", "idempotency.operations.facade.transaction=joined")
			.withBean(SingleMailer.class)
			.run((context) -> assertThatIllegalStateException()
				.isThrownBy(() -> context.getBean(Idempotency.class)
					.batch("facade")
					.keys(List.of("a", "b"), (item) -> item)
					.execute(String.class, (items) -> items))
				.withMessageContaining("cannot be part of a transaction"));
	}

	@Test
	void workThatIsRolledBackIsNotRecorded() {
		GuardedContext.withDatabase().withUserConfiguration(Mailing.class).run((context) -> {
			Mailer mailer = context.getBean(Mailer.class);
			mailer.isDown(true);

			assertThatIllegalStateException().isThrownBy(() -> mailer.inTransaction(List.of(new Mail("1", "one"))));

			assertThat(GuardedContext.status(context, "send-in-transaction", "1")).isEqualTo(RecordStatus.FAILED);
		});
	}

	@Test
	void noItemOfATransactionThatIsRolledBackIsDone() {
		GuardedContext.withDatabase().withUserConfiguration(Mailing.class).run((context) -> {
			Mailer mailer = context.getBean(Mailer.class);

			assertThatExceptionOfType(PartialFailureException.class)
				.isThrownBy(() -> mailer.inTransaction(List.of(new Mail("1", "one"), new Mail("2", "bounces"))))
				.satisfies((ex) -> {
					assertThat(ex.failures()).containsOnlyKeys(0, 1);
					assertThat(ex.failures().get(0)).hasMessageContaining("rolled back");
					assertThat(ex.failures().get(1)).isInstanceOf(IllegalArgumentException.class);
				});

			assertThat(GuardedContext.status(context, "send-in-transaction", "1")).isEqualTo(RecordStatus.FAILED);
			assertThat(GuardedContext.status(context, "send-in-transaction", "2")).isEqualTo(RecordStatus.FAILED);
		});
	}

	@Test
	void itemThatFailedIsTriedAgainThoughTheTransactionOfTheOthersIsCommitted() {
		GuardedContext.withDatabase().withUserConfiguration(Mailing.class).run((context) -> {
			Mailer mailer = context.getBean(Mailer.class);
			assertThatExceptionOfType(PartialFailureException.class)
				.isThrownBy(() -> mailer.committing(List.of(new Mail("1", "one"), new Mail("2", "bounces"))));

			mailer.committing(List.of(new Mail("1", "one"), new Mail("2", "two")));

			assertThat(mailer.calls()).containsExactly(List.of("1", "2"), List.of("2"));
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { NoList.class, TwoLists.class, KeyAsWell.class, KeyParameter.class, OneResult.class,
			Joined.class, ItemInCondition.class })
	void whatCannotWorkFailsAtStartup(Class<?> configuration) {
		Map<Class<?>, String> expected = Map.of(NoList.class, "no parameter of type List", TwoLists.class,
				"several parameters of type List", KeyAsWell.class, "a key of the whole call", KeyParameter.class,
				"a key of the whole call", OneResult.class, "returns java.lang.String", Joined.class,
				"transaction=JOINED", ItemInCondition.class, "no parameter 'item'");

		GuardedContext.runner().withUserConfiguration(configuration).run((context) -> {
			InvalidOperationException refusal = GuardedContext.refusal(context);
			assertThat(refusal).hasMessageContaining(expected.get(configuration));
		});
	}

	@Test
	void propertyThatAsksForATransactionFailsAtStartup() {
		GuardedContext.runner()
			.withUserConfiguration(Mailing.class)
			.withPropertyValues("idempotency.operations.send.transaction=joined")
			.run((context) -> assertThat(context).hasFailed());
	}

	private static void run(java.util.function.Consumer<Mailer> test) {
		GuardedContext.runner().withUserConfiguration(Mailing.class).run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context.getBean(Mailer.class));
		});
	}

	record Mail(String id, String text) {

	}

	record Receipt(String text) {

	}

	static class Mailer {

		private final List<List<String>> calls = new CopyOnWriteArrayList<>();

		private volatile boolean down;

		List<List<String>> calls() {
			return this.calls;
		}

		void isDown(boolean down) {
			this.down = down;
		}

		@Idempotent(each = "#item.id", operation = "send")
		public List<Receipt> send(List<Mail> mails) {
			return sent(mails);
		}

		@Idempotent(each = "#item.id", operation = "send-as")
		public Collection<Receipt> sendAs(Collection<Mail> mails, String sender) {
			return sent(mails);
		}

		@Idempotent(each = "#item.id", operation = "send-some", condition = "#guarded",
				unless = "#result.text == 'draft'")
		public List<Receipt> sendSome(List<Mail> mails, boolean guarded) {
			return sent(mails);
		}

		@Idempotent(each = "#item.id", operation = "send-one-by-one")
		public List<Receipt> sendOneByOne(List<Mail> mails) {
			note(mails);
			List<Receipt> receipts = new ArrayList<>();
			Map<Integer, Throwable> failures = new java.util.HashMap<>();
			for (Mail mail : mails) {
				if (mail.text().equals("bounces")) {
					failures.put(receipts.size(), new IllegalArgumentException(mail.text()));
				}
				receipts.add(new Receipt(mail.text()));
			}
			if (!failures.isEmpty()) {
				throw new PartialFailureException(receipts, failures);
			}
			return receipts;
		}

		@Idempotent(each = "#item.id", operation = "post")
		public void post(List<Mail> mails) {
			note(mails);
			if (this.down) {
				throw new IllegalStateException("down");
			}
		}

		@Transactional
		@Idempotent(each = "#item.id", operation = "send-in-transaction")
		public List<Receipt> inTransaction(List<Mail> mails) {
			assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isTrue();
			if (this.down) {
				throw new IllegalStateException("down");
			}
			if (mails.get(mails.size() - 1).text().equals("bounces")) {
				throw new PartialFailureException(sent(mails),
						Map.of(mails.size() - 1, new IllegalArgumentException("bounced")));
			}
			return sent(mails);
		}

		@Transactional(noRollbackFor = PartialFailureException.class)
		@Idempotent(each = "#item.id", operation = "send-and-commit", fingerprint = "none")
		public List<Receipt> committing(List<Mail> mails) {
			return sendOneByOne(mails);
		}

		private List<Receipt> sent(Collection<Mail> mails) {
			note(mails);
			return mails.stream().map((mail) -> new Receipt(mail.text())).toList();
		}

		private void note(Collection<Mail> mails) {
			this.calls.add(mails.stream().map(Mail::id).toList());
		}

	}

	static class SingleMailer {

		@Idempotent(key = "#id", operation = "facade")
		public String send(String id) {
			return id;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Mailing {

		@Bean
		Mailer mailer() {
			return new Mailer();
		}

	}

	static class NoList {

		@Idempotent(each = "#item.id")
		public void send(Set<Mail> mails) {
		}

	}

	static class TwoLists {

		@Idempotent(each = "#item.id")
		public void send(List<Mail> mails, Collection<String> copies) {
		}

	}

	static class KeyAsWell {

		@Idempotent(each = "#item.id", key = "#mails.size()")
		public void send(List<Mail> mails) {
		}

	}

	static class KeyParameter {

		@Idempotent(each = "#item.id")
		public void send(List<Mail> mails, @IdempotencyKey String key) {
		}

	}

	static class OneResult {

		@Idempotent(each = "#item.id")
		public String send(List<Mail> mails) {
			return "";
		}

	}

	static class Joined {

		@Idempotent(each = "#item.id", transaction = TransactionMode.JOINED)
		public void send(List<Mail> mails) {
		}

	}

	static class ItemInCondition {

		@Idempotent(each = "#item.id", condition = "#item.id != null")
		public void send(List<Mail> mails) {
		}

	}

}
