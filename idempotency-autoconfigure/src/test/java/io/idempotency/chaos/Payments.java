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

import java.util.UUID;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.Idempotent;
import io.idempotency.TransactionMode;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The guarded service, the same work under each mode.
 */
public class Payments {

	private static final ThreadLocal<String> ANSWER = new ThreadLocal<>();

	private final Ledger ledger;

	private final JdbcTemplate jdbc;

	private final TransactionTemplate apart;

	private final TransactionTemplate savepoint;

	private final boolean savepoints;

	Payments(Ledger ledger, JdbcTemplate jdbc, PlatformTransactionManager transactionManager, boolean savepoints) {
		this.ledger = ledger;
		this.jdbc = jdbc;
		this.apart = new TransactionTemplate(transactionManager);
		this.apart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		this.savepoint = new TransactionTemplate(transactionManager);
		this.savepoint.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
		this.savepoints = savepoints;
	}

	@Transactional
	@Idempotent(key = "#key", operation = "pay-atomic", fingerprint = "none", transaction = TransactionMode.ATOMIC,
			rememberFailures = Declined.class)
	public String payAtomic(String key, Fate fate) throws Undelivered {
		return pay(key, fate);
	}

	@Transactional
	@Idempotent(key = "#key", operation = "pay-joined", fingerprint = "none", transaction = TransactionMode.JOINED)
	public String payJoined(String key, Fate fate) throws Undelivered {
		return pay(key, fate);
	}

	/** {@code ATOMIC} or {@code JOINED}, as the caller is in a transaction or not. */
	@Transactional
	@Idempotent(key = "#key", operation = "pay-auto", fingerprint = "none")
	public String payAuto(String key, Fate fate) throws Undelivered {
		return pay(key, fate);
	}

	private String pay(String key, Fate fate) throws Undelivered {
		int attempt = IdempotencyContext.current().orElseThrow().attempt();
		String answer = UUID.randomUUID().toString();
		ANSWER.set(answer);
		if (fate == Fate.FAIL_EARLY) {
			throw new IllegalStateException("before the effect");
		}
		if (fate == Fate.SUCCEED_AFTER_A_SAVEPOINT && this.savepoints) {
			this.savepoint.executeWithoutResult((status) -> {
				this.ledger.add(key, attempt, -1, UUID.randomUUID().toString());
				status.setRollbackOnly();
			});
		}
		this.ledger.add(key, attempt, Math.floorMod(key.hashCode(), 1000), answer);
		return finish(key, fate, answer);
	}

	private String finish(String key, Fate fate, String answer) throws Undelivered {
		switch (fate) {
			case SUCCEED_SLOWLY -> this.jdbc.execute("SELECT pg_sleep(0.03)");
			case SUCCEED_AROUND_ANOTHER_TRANSACTION -> this.apart
				.executeWithoutResult((status) -> this.jdbc.update("INSERT INTO audit (answer) VALUES (?)", answer));
			case FAIL_LATE -> throw new IllegalStateException("after the effect");
			case FAIL_COMMITTED -> throw new Undelivered(answer);
			case DECLINE -> throw new Declined(key);
			case GIVE_BACK -> TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
			case SPOIL -> spoil();
			default -> {
			}
		}
		return answer;
	}

	private void spoil() {
		try {
			this.jdbc.execute("SELECT 1 / 0");
		}
		catch (DataAccessException ex) {
			// swallowed, as some applications do
		}
	}

	/**
	 * Make a call and tell what came back.
	 * @param call the call
	 * @param charging makes it, in a transaction of the caller's or not
	 * @return what came back
	 */
	static Reply reply(Call call, Charging charging) {
		ANSWER.remove();
		try {
			String answer = charging.charge();
			boolean givenBack = call.fate() == Fate.GIVE_BACK && answer.equals(ANSWER.get());
			return new Reply(givenBack ? Reply.Kind.GIVEN_BACK : Reply.Kind.SUCCESS, answer);
		}
		catch (Undelivered | IdempotencyRememberedFailureException ex) {
			return new Reply(Reply.Kind.FAILURE, ex.getMessage());
		}
		catch (Declined ex) {
			return new Reply(Reply.Kind.DECLINED, ex.getMessage());
		}
		catch (Throwable ex) {
			String answer = ANSWER.get();
			return new Reply(Reply.Kind.ERROR, (answer != null) ? answer : "-");
		}
	}

	/**
	 * Makes one call.
	 */
	@FunctionalInterface
	interface Charging {

		String charge() throws Undelivered;

	}

	/**
	 * Leaves the effect committed.
	 */
	@SuppressWarnings("serial")
	public static final class Undelivered extends Exception {

		public Undelivered(String answer) {
			super(answer);
		}

	}

	/**
	 * Is an answer, though nothing is committed.
	 */
	@SuppressWarnings("serial")
	public static final class Declined extends RuntimeException {

		public Declined(String key) {
			super(key);
		}

	}

}
