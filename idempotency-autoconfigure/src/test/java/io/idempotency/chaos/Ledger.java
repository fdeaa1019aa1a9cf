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

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The effects: who was charged, in which attempt, how much, and what the caller is to be
 * told.
 */
interface Ledger {

	void add(String name, int attempt, int amount, String answer);

	static Ledger jdbc(JdbcTemplate jdbc) {
		return (name, attempt, amount, answer) -> jdbc.update(
				"INSERT INTO ledger (answer, name, attempt, amount) VALUES (?, ?, ?, ?)", answer, name, attempt,
				amount);
	}

	/** Leaves the statement to the flush. */
	static Ledger jpa(EntityManager entityManager) {
		return (name, attempt, amount, answer) -> entityManager.persist(new Entry(name, attempt, amount, answer));
	}

	/**
	 * A row as an entity.
	 */
	@Entity(name = "ChaosLedgerEntry")
	@Table(name = "ledger")
	class Entry {

		@Id
		private String answer;

		private String name;

		private int attempt;

		private int amount;

		Entry() {
		}

		Entry(String name, int attempt, int amount, String answer) {
			this.name = name;
			this.attempt = attempt;
			this.amount = amount;
			this.answer = answer;
		}

	}

}
