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

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import io.idempotency.key.Identity;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.sql.SqlTestDatabase;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application with a ledger in a database of its own, and what is seen of it from
 * outside of its transactions.
 */
final class LedgerApplication implements AutoCloseable {

	private final SqlTestDatabase database;

	private final ConfigurableApplicationContext context;

	private final IdempotencyStore store;

	private final JdbcTemplate jdbc;

	/**
	 * Start.
	 * @param database an empty database, closed with the application
	 * @param configuration makes the ledger and the store
	 * @param properties the settings, at least {@code idempotency.store}
	 * @param beans registers what calls the ledger
	 */
	LedgerApplication(SqlTestDatabase database, Class<?> configuration, Map<String, Object> properties,
			Consumer<GenericApplicationContext> beans) {
		this.database = database;
		database.execute("CREATE TABLE ledger (id VARCHAR(40) NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL)");
		database.execute("CREATE INDEX ledger_name ON ledger (name)");
		database.execute("""
				CREATE TABLE account (id VARCHAR(40) NOT NULL PRIMARY KEY, version BIGINT NOT NULL,
					balance INTEGER NOT NULL)""");
		this.context = new SpringApplicationBuilder(configuration).web(WebApplicationType.NONE)
			.initializers((ConfigurableApplicationContext context) -> {
				GenericApplicationContext registry = (GenericApplicationContext) context;
				registry.registerBean("dataSource", FaultyCommits.class, () -> new FaultyCommits(database.pool()));
				beans.accept(registry);
			})
			.properties(properties)
			.properties("spring.main.banner-mode=off")
			.run();
		this.store = this.context.getBean(properties.get("idempotency.store") + "IdempotencyStore",
				IdempotencyStore.class);
		this.jdbc = new JdbcTemplate(database.pool());
	}

	SqlTestDatabase database() {
		return this.database;
	}

	IdempotencyStore store() {
		return this.store;
	}

	Ledger ledger() {
		return this.context.getBean(Ledger.class);
	}

	FaultyCommits dataSource() {
		return this.context.getBean(FaultyCommits.class);
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	<T> T bean(String name, Class<T> type) {
		return this.context.getBean(name, type);
	}

	/** Return what begins transactions, to be changed by its user only. */
	TransactionTemplate inTransaction() {
		return new TransactionTemplate(this.context.getBean(PlatformTransactionManager.class));
	}

	/** Return the record that others see. */
	Optional<IdempotencyRecord> record(String operation, String key) {
		return this.store.find(Identity.of("", operation, "", key));
	}

	/** Return how often the ledger says that the work was done, as others see it. */
	int effects(String name) {
		Integer count = this.jdbc.queryForObject("SELECT count(*) FROM ledger WHERE name = ?", Integer.class, name);
		return (count != null) ? count : 0;
	}

	@Override
	public void close() throws Exception {
		this.context.close();
		this.database.close();
	}

}
