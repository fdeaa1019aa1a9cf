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

package io.idempotency.autoconfigure.endtoend;

import javax.sql.DataSource;

import io.idempotency.IdempotencyStoreUnavailableException;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.sql.MissingTableException;
import io.idempotency.store.sql.SqlIdempotencyStore;
import org.junit.jupiter.api.Test;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is special about a relational store: its table, and its statements.
 */
abstract class SqlEndToEndIntegrationTests extends StoreEndToEndIntegrationTests {

	@Override
	Class<? extends IdempotencyStore> storeType() {
		return SqlIdempotencyStore.class;
	}

	@Test
	void droppedTableStopsTheWorkUntilItIsThereAgain() throws Exception {
		ConfigurableApplicationContext instance = one();
		String key = nextKey();
		new JdbcTemplate(instance.getBean(DataSource.class)).execute("DROP TABLE idempotency_record");

		assertThatExceptionOfType(IdempotencyStoreUnavailableException.class)
			.isThrownBy(() -> guarded(instance).charge(key))
			.withCauseInstanceOf(MissingTableException.class)
			.havingCause()
			.withMessageContaining("CREATE TABLE idempotency_record");
		assertThat(runs(key)).isZero();

		assertThat(instance.getBean(SqlIdempotencyStore.class).schema().create()).isTrue();
		assertThat(guarded(instance).charge(key)).isEqualTo(guarded(instance).charge(key));
		assertThat(runs(key)).isEqualTo(1);
	}

	final StatementLog logged(ConfigurableApplicationContext instance) {
		return instance.getBean(StatementLog.class);
	}

}
