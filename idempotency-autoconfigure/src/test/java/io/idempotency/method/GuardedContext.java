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

import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJpaAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyRedisAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencySqlAutoConfiguration;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.key.Identity;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.memory.MemoryIdempotencyStore;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Application contexts with the real auto-configuration and records in memory.
 */
final class GuardedContext {

	private GuardedContext() {
	}

	static ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class,
					IdempotencyRedisAutoConfiguration.class, IdempotencySqlAutoConfiguration.class,
					IdempotencyJpaAutoConfiguration.class, IdempotencyAutoConfiguration.class))
			.withPropertyValues("idempotency.store=memory");
	}

	/** Return contexts with a database of their own and JDBC transactions. */
	static ApplicationContextRunner withDatabase() {
		return runner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
					TransactionAutoConfiguration.class))
			.withPropertyValues("spring.datasource.generate-unique-name=true");
	}

	/** Return the status of a record, {@code null} if there is none. */
	static @Nullable RecordStatus status(BeanFactory context, String operation, String key) {
		return context.getBean(MemoryIdempotencyStore.class)
			.find(Identity.of("", operation, "", key))
			.map(IdempotencyRecord::status)
			.orElse(null);
	}

	/** Return why a context did not start, which has to be about an operation. */
	static InvalidOperationException refusal(ApplicationContext context) {
		Throwable failure = ((org.springframework.boot.test.context.assertj.ApplicationContextAssertProvider<?>) context)
			.getStartupFailure();
		assertThat(failure).isNotNull();
		Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
		assertThat(cause).isInstanceOf(InvalidOperationException.class);
		return (InvalidOperationException) cause;
	}

}
