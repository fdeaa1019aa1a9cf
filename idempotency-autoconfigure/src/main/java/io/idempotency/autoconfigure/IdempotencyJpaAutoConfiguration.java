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

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.jpa.JpaIdempotencyStore;
import io.idempotency.store.sql.IdempotencySchema;
import io.idempotency.store.sql.SqlIdempotencyStore;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;
import org.springframework.util.ClassUtils;

/**
 * The relational store in the database of the application's persistence unit. Whether it
 * is used is decided by {@code idempotency.store}; its table is created or checked before
 * the first use.
 */
@AutoConfiguration(afterName = { "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
		"org.springframework.boot.autoconfigure.orm.jpa.HibernateJpaAutoConfiguration",
		"org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
		"org.springframework.boot.autoconfigure.flyway.FlywayAutoConfiguration" })
@ConditionalOnClass({ EntityManagerFactory.class, EntityManagerFactoryInfo.class })
@ConditionalOnSingleCandidate(EntityManagerFactory.class)
@ConditionalOnProperty(prefix = "idempotency", name = "enabled", havingValue = "true", matchIfMissing = true)
@EnableConfigurationProperties(IdempotencyProperties.class)
public final class IdempotencyJpaAutoConfiguration {

	@Bean
	@Lazy
	@ConditionalOnMissingBean
	SqlIdempotencyStore jpaIdempotencyStore(EntityManagerFactory entityManagerFactory,
			IdempotencyProperties properties) {
		return JpaIdempotencyStore.on(entityManagerFactory)
			.table(properties.sql().table())
			.queryTimeout(properties.sql().queryTimeout())
			.build();
	}

	@Bean
	@ConditionalOnBean(SqlIdempotencyStore.class)
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
