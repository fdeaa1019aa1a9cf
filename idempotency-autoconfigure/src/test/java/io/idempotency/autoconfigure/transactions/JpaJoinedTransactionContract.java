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

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.orm.jpa.SharedEntityManagerCreator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a persistence context needs besides: that it is written before the result is
 * recorded.
 */
abstract class JpaJoinedTransactionContract extends JoinedTransactionContract {

	private EntityManager entityManager;

	@BeforeEach
	void shareEntityManager() {
		this.entityManager = SharedEntityManagerCreator
			.createSharedEntityManager(application().bean(EntityManagerFactory.class));
	}

	@Test
	void recordedAnswerHasTheVersionThatTheCommitLeaves() throws Exception {
		inTransaction((status) -> {
			this.entityManager.persist(new Account(this.key));
			return null;
		});

		Account first = inTransaction((status) -> payments().deposit(this.key));
		Account replay = payments().deposit(this.key);

		assertThat(replay).usingRecursiveComparison().isEqualTo(first);
		assertThat(replay.version).isEqualTo(stored().version);
	}

	@Test
	void answerOfAnOwnTransactionHasTheVersionThatTheCommitLeaves() throws Exception {
		inTransaction((status) -> {
			this.entityManager.persist(new Account(this.key));
			return null;
		});

		Account first = payments().depositAtomically(this.key);
		Account replay = payments().depositAtomically(this.key);

		assertThat(replay).usingRecursiveComparison().isEqualTo(first);
		assertThat(replay.version).isEqualTo(stored().version);
	}

	private Account stored() {
		return this.entityManager.find(Account.class, this.key);
	}

}
