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

package io.idempotency.autoconfigure.transactions;

import java.sql.Connection;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import jakarta.persistence.EntityManager;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.NoTransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.Assert;

/**
 * The application's own data: one row for every time that the work was done. Ends as it
 * is told.
 */
public class Ledger {

	private final DataSource dataSource;

	private final JdbcTemplate jdbc;

	private final @Nullable EntityManager entityManager;

	private final AtomicInteger entries = new AtomicInteger();

	private volatile Cell.@Nullable End end;

	private volatile @Nullable TransactionStatus callers;

	private volatile String lastAnswer = "";

	Ledger(DataSource dataSource, @Nullable EntityManager entityManager) {
		this.dataSource = dataSource;
		this.jdbc = new JdbcTemplate(dataSource);
		this.entityManager = entityManager;
	}

	/**
	 * Let the next entry end in some way; those after it return.
	 * @param end the end
	 */
	void endNextWith(Cell.End end) {
		this.end = end;
	}

	void calledIn(@Nullable TransactionStatus status) {
		this.callers = status;
	}

	String enter(String name) throws Rejected {
		Cell.End now = (this.end != null) ? this.end : Cell.End.RETURN;
		this.end = null;
		write(name);
		String answer = "entry " + this.entries.incrementAndGet();
		this.lastAnswer = answer;
		switch (now) {
			case THROW -> throw new Declined(answer);
			case THROW_CHECKED -> throw new Rejected(answer);
			case SET_ROLLBACK_ONLY -> status().setRollbackOnly();
			case COMMIT_REFUSED -> arm(FaultyCommits.Fault.REFUSED);
			case COMMIT_FAILS -> arm(FaultyCommits.Fault.BROKEN_BEFORE);
			case COMMIT_ANSWER_LOST -> arm(FaultyCommits.Fault.BROKEN_AFTER);
			case RETURN, CALLER_ROLLS_BACK -> {
			}
		}
		return answer;
	}

	/**
	 * Return what the work last answered, or with what message it failed.
	 * @return the answer
	 */
	String lastAnswer() {
		return this.lastAnswer;
	}

	/** Change an entity, without writing it yet. */
	Account deposit(String name) {
		Assert.state(this.entityManager != null, "no JPA");
		Account account = this.entityManager.find(Account.class, name);
		account.balance++;
		return account;
	}

	/** Read, which may begin a snapshot. */
	int count() {
		Integer count = this.jdbc.queryForObject("SELECT count(*) FROM ledger", Integer.class);
		return (count != null) ? count : 0;
	}

	/** Write what JPA holds back. */
	void flush() {
		if (this.entityManager != null) {
			this.entityManager.flush();
		}
	}

	private void write(String name) {
		if (this.entityManager != null && TransactionSynchronizationManager.isActualTransactionActive()) {
			this.entityManager.persist(new LedgerEntry(name));
		}
		else {
			this.jdbc.update("INSERT INTO ledger (id, name) VALUES (?, ?)", UUID.randomUUID().toString(), name);
		}
	}

	private TransactionStatus status() {
		try {
			return TransactionAspectSupport.currentTransactionStatus();
		}
		catch (NoTransactionException ex) {
			TransactionStatus status = this.callers;
			if (status == null) {
				throw ex;
			}
			return status;
		}
	}

	private void arm(FaultyCommits.Fault fault) {
		Connection connection = DataSourceUtils.getConnection(this.dataSource);
		((FaultyCommits.Armed) connection).arm(fault);
		DataSourceUtils.releaseConnection(connection, this.dataSource);
	}

	@SuppressWarnings("serial")
	public static class Declined extends RuntimeException {

		public Declined(String message) {
			super(message);
		}

	}

	@SuppressWarnings("serial")
	public static class Rejected extends Exception {

		public Rejected(String message) {
			super(message);
		}

	}

}
