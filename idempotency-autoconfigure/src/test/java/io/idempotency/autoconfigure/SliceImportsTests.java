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

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A slice reads the file that is named like its annotation, and the annotations have
 * other names in Spring Boot 3.5.
 */
class SliceImportsTests {

	private static final String SLICE = "io.idempotency.autoconfigure.IdempotencySliceAutoConfiguration";

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureWebMvc",
			"org.springframework.boot.test.autoconfigure.web.servlet.AutoConfigureWebMvc" })
	void webSlicesOfBothGenerationsGuard(String annotation) throws Exception {
		assertThat(imports(annotation)).contains(SLICE, IdempotencyAutoConfiguration.class.getName(),
				IdempotencyDisabledAutoConfiguration.class.getName());
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.webflux.test.autoconfigure.AutoConfigureWebFlux",
			"org.springframework.boot.test.autoconfigure.web.reactive.AutoConfigureWebFlux" })
	void reactiveSlicesOfBothGenerationsGuard(String annotation) throws Exception {
		assertThat(imports(annotation)).contains(SLICE, IdempotencyAutoConfiguration.class.getName(),
				IdempotencyWebAutoConfiguration.class.getName(), IdempotencyWebFluxAutoConfiguration.class.getName(),
				IdempotencyDisabledAutoConfiguration.class.getName());
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.data.jpa.test.autoconfigure.AutoConfigureDataJpa",
			"org.springframework.boot.test.autoconfigure.orm.jpa.AutoConfigureDataJpa" })
	void jpaSlicesOfBothGenerationsGuard(String annotation) throws Exception {
		assertThat(imports(annotation)).contains(SLICE, IdempotencyAutoConfiguration.class.getName(),
				IdempotencySqlAutoConfiguration.class.getName(), IdempotencyJpaAutoConfiguration.class.getName(),
				IdempotencyDisabledAutoConfiguration.class.getName());
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureJdbc",
			"org.springframework.boot.data.jdbc.test.autoconfigure.AutoConfigureDataJdbc",
			"org.springframework.boot.test.autoconfigure.jdbc.AutoConfigureJdbc",
			"org.springframework.boot.test.autoconfigure.data.jdbc.AutoConfigureDataJdbc" })
	void jdbcSlicesOfBothGenerationsGuard(String annotation) throws Exception {
		assertThat(imports(annotation)).contains(SLICE, IdempotencyAutoConfiguration.class.getName(),
				IdempotencySqlAutoConfiguration.class.getName(), IdempotencyJdbcAutoConfiguration.class.getName(),
				IdempotencyDisabledAutoConfiguration.class.getName());
	}

	@ParameterizedTest
	@ValueSource(classes = { IdempotencyAutoConfiguration.class, IdempotencyDisabledAutoConfiguration.class,
			IdempotencySqlAutoConfiguration.class, IdempotencyJdbcAutoConfiguration.class,
			IdempotencyJpaAutoConfiguration.class, IdempotencyRedisAutoConfiguration.class,
			IdempotencyClientAutoConfiguration.class, IdempotencyRedirectAutoConfiguration.class })
	void applicationsGuard(Class<?> configuration) throws Exception {
		assertThat(imports("org.springframework.boot.autoconfigure.AutoConfiguration"))
			.contains(configuration.getName())
			.doesNotContain(SLICE);
	}

	private static List<String> imports(String annotation) throws Exception {
		ClassLoader classLoader = SliceImportsTests.class.getClassLoader();
		if (ClassUtils.isPresent(annotation, classLoader)) {
			return ImportCandidates.load(ClassUtils.forName(annotation, classLoader), classLoader).getCandidates();
		}
		try (var file = classLoader.getResourceAsStream("META-INF/spring/" + annotation + ".imports")) {
			assertThat(file).as(annotation).isNotNull();
			return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
		}
	}

}
