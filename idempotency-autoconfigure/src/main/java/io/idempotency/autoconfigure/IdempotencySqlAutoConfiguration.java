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

package io.idempotency.autoconfigure;

import javax.sql.DataSource;

import io.idempotency.IdempotencyDataSource;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.sql.IdempotencySchema;
import io.idempotency.store.sql.SqlIdempotencyStore;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * What the relational stores have in common: where the records are kept, and the table,
 * which is created, upgraded or checked before the first use.
 */
@AutoConfiguration
@ConditionalOnProperty(prefix = "idempotency", name = "enabled", havingValue = "true", matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
public final class IdempotencySqlAutoConfiguration {

	/**
	 * Not there where the application has a relational store of its own: then the library
	 * adds none.
	 */
	@Bean
	@ConditionalOnMissingBean(SqlIdempotencyStore.class)
	RecordsDataSource idempotencyRecordsDataSource(@IdempotencyDataSource ObjectProvider<DataSource> marked,
			ObjectProvider<DataSource> candidates) {
		return new RecordsDataSource(marked, candidates);
	}

	@Bean
	StorePreparation idempotencySchemaPreparation(IdempotencyProperties properties, Environment environment) {
		boolean flyway = properties.sql().flyway()
				&& ClassUtils.isPresent("org.flywaydb.core.Flyway", getClass().getClassLoader())
				&& environment.getProperty("spring.flyway.enabled", Boolean.class, true);
		return new SchemaPreparation(flyway, properties.sql().initializeSchema());
	}

	/**
	 * Creates, upgrades or checks the table.
	 *
	 * @param flyway whether Flyway does it
	 * @param initialize when it is created without Flyway
	 */
	private record SchemaPreparation(boolean flyway,
			IdempotencyProperties.InitializeSchema initialize) implements StorePreparation {

		@Override
		public boolean supports(IdempotencyStore store) {
			return store instanceof SqlIdempotencyStore;
		}

		@Override
		public void prepare(IdempotencyStore store) {
			IdempotencySchema schema = ((SqlIdempotencyStore) store).schema();
			if (this.flyway) {
				schema.migrate();
			}
			else if (creates(schema)) {
				schema.create();
			}
			schema.verify();
		}

		private boolean creates(IdempotencySchema schema) {
			return switch (this.initialize) {
				case ALWAYS -> true;
				case EMBEDDED -> schema.isEmbedded();
				case NEVER -> false;
			};
		}

	}

}
