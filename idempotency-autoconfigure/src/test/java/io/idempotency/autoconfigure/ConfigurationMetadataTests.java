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

import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import io.idempotency.client.OutboundKeySyntax;
import io.idempotency.engine.OnStoreFailure;
import io.idempotency.web.AnonymousCallers;
import io.idempotency.web.FingerprintForm;
import io.idempotency.web.KeyFormat;
import io.idempotency.web.KeyScope;
import io.idempotency.web.KeySyntax;
import io.idempotency.web.Problems;
import io.idempotency.web.ServerErrors;
import io.idempotency.web.servlet.IdempotencyFilter;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an editor shows for {@code idempotency.*} is what the library does.
 */
class ConfigurationMetadataTests {

	@Test
	void defaultsAreTheDocumentedOnes() {
		IdempotencyProperties properties = bind(Map.of());

		assertThat(properties.enabled()).isTrue();
		assertThat(properties.store()).isNull();
		assertThat(properties.ttl()).isEqualTo(Duration.ofHours(24));
		assertThat(properties.failureTtl()).isEqualTo(Duration.ofSeconds(60));
		assertThat(properties.abandonedTtl()).isEqualTo(Duration.ofDays(7));
		assertThat(properties.lease()).isEqualTo(Duration.ofSeconds(30));
		assertThat(properties.onConcurrent()).isNull();
		assertThat(properties.waitTimeout()).isEqualTo(Duration.ofSeconds(5));
		assertThat(properties.onUnknown()).isEqualTo(OnUnknown.RETRY);
		assertThat(properties.onStoreFailure()).isEqualTo(OnStoreFailure.FAIL);
		assertThat(properties.transaction()).isEqualTo(TransactionMode.AUTO);
		assertThat(properties.defaultKey()).isEqualTo(IdempotencyProperties.DefaultKey.ALLOW);
		assertThat(properties.zone()).isEqualTo(ZoneId.of("UTC"));
		assertThat(properties.order()).isEqualTo(Integer.MAX_VALUE - 100);
		assertThat(properties.recordFailureMessages()).isFalse();
		assertThat(properties.operations()).isEmpty();
		assertThat(properties.redis()).isEqualTo(new IdempotencyProperties.Redis("idempotency:"));
		assertThat(properties.client()).isEqualTo(
				new IdempotencyProperties.Client(List.of(), "Idempotency-Key", OutboundKeySyntax.STRUCTURED, null));
		assertThat(properties.sql()).isEqualTo(new IdempotencyProperties.Sql("idempotency_record", true,
				IdempotencyProperties.InitializeSchema.EMBEDDED, Duration.ofSeconds(5),
				new IdempotencyProperties.Purge(true, Duration.ofMinutes(5), 100, Duration.ofMillis(20))));
		assertThat(properties.web()).isEqualTo(new WebProperties(true, "Idempotency-Key", true, KeySyntax.LENIENT,
				KeyFormat.ANY, KeyScope.OPERATION, Set.of("POST", "PATCH"), FingerprintForm.RAW,
				DataSize.ofMegabytes(1), null, DataSize.ofMegabytes(1), ServerErrors.RELEASE, List.of(), null,
				Problems.DEFAULT_TYPE_BASE, IdempotencyFilter.DEFAULT_ORDER,
				new WebProperties.Scope(true, List.of(), AnonymousCallers.SHARED), Map.of()));
	}

	@Test
	void everyPropertyIsDescribedAndItsDocumentedDefaultIsTheRealOne() throws Exception {
		Map<String, String> documented = new HashMap<>();
		for (JsonNode property : metadata("spring-configuration-metadata.json").get("properties")) {
			String name = property.get("name").asString();
			assertThat(property.path("description").asString("")).as(name).isNotBlank().endsWith(".");
			if (property.has("defaultValue")) {
				documented.put(name, text(property.get("defaultValue")));
			}
			else {
				assertThat(name).isIn("idempotency.store", "idempotency.operations", "idempotency.on-concurrent",
						"idempotency.web.documentation", "idempotency.web.recorded-headers",
						"idempotency.web.request-body-memory", "idempotency.web.routes",
						"idempotency.web.scope.headers", "idempotency.client.hosts", "idempotency.client.secret");
			}
		}

		assertThat(documented).containsKeys("idempotency.ttl", "idempotency.sql.purge.batch-size",
				"idempotency.redis.key-prefix");
		assertThat(bind(documented)).isEqualTo(bind(Map.of()));
	}

	private static String text(JsonNode value) {
		return value.isArray() ? StreamSupport.stream(value.spliterator(), false)
			.map(JsonNode::asString)
			.collect(Collectors.joining(",")) : value.asString();
	}

	@Test
	void storesAreHintedAndOthersAllowed() throws Exception {
		JsonNode hint = metadata("additional-spring-configuration-metadata.json").get("hints").get(0);

		assertThat(hint.get("name").asString()).isEqualTo("idempotency.store");
		assertThat(StreamSupport.stream(hint.get("values").spliterator(), false)
			.map((value) -> value.get("value").asString())
			.toList()).isEqualTo(List.of("redis", "jpa", "jdbc", "memory"));
		assertThat(hint.get("providers").get(0).get("name").asString()).isEqualTo("spring-bean-reference");
		assertThat(merged()).contains("idempotency.store");
	}

	private static Set<String> merged() throws Exception {
		Set<String> hinted = new HashSet<>();
		metadata("spring-configuration-metadata.json").get("hints")
			.forEach((hint) -> hinted.add(hint.get("name").asString()));
		return hinted;
	}

	private static JsonNode metadata(String file) throws Exception {
		ClassLoader classLoader = IdempotencyProperties.class.getClassLoader();
		for (URL url : Collections.list(classLoader.getResources("META-INF/" + file))) {
			try (InputStream candidate = url.openStream()) {
				String json = new String(candidate.readAllBytes(), StandardCharsets.UTF_8);
				if (json.contains("\"idempotency.")) {
					return JsonMapper.shared().readTree(json);
				}
			}
		}
		throw new AssertionError("The build made no " + file);
	}

	private static IdempotencyProperties bind(Map<String, String> values) {
		MapConfigurationPropertySource source = new MapConfigurationPropertySource(values);
		return new Binder(List.of(source), null, ApplicationConversionService.getSharedInstance(), null)
			.bindOrCreate("idempotency", IdempotencyProperties.class);
	}

}
