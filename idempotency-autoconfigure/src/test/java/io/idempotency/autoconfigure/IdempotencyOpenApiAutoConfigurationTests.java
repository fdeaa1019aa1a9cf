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

import io.idempotency.web.openapi.IdempotentOperationCustomizer;
import org.junit.jupiter.api.Test;
import org.springdoc.core.customizers.GlobalOperationCustomizer;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

class IdempotencyOpenApiAutoConfigurationTests {

	private static final AutoConfigurations CONFIGURATIONS = AutoConfigurations
		.of(IdempotencyWebAutoConfiguration.class, IdempotencyOpenApiAutoConfiguration.class);

	private final WebApplicationContextRunner web = new WebApplicationContextRunner().withConfiguration(CONFIGURATIONS);

	@Test
	void describesHandlersWhereSpringdocIs() {
		this.web.run((context) -> assertThat(context).hasSingleBean(IdempotentOperationCustomizer.class));
	}

	@Test
	void isNotThereWithoutSpringdoc() {
		this.web.withClassLoader(new FilteredClassLoader(GlobalOperationCustomizer.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(IdempotencyOpenApiAutoConfiguration.class));
	}

	@Test
	void isNotThereWithoutTheContract() {
		this.web.withPropertyValues("idempotency.web.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(IdempotentOperationCustomizer.class));
		this.web.withPropertyValues("idempotency.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(IdempotentOperationCustomizer.class));
		new ApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.run((context) -> assertThat(context).doesNotHaveBean(IdempotentOperationCustomizer.class));
	}

	@Test
	void leavesAnApplicationsOwn() {
		this.web
			.withBean("own", IdempotentOperationCustomizer.class, () -> new IdempotentOperationCustomizer(null, null))
			.run((context) -> assertThat(context).getBeanNames(IdempotentOperationCustomizer.class)
				.containsExactly("own"));
	}

}
