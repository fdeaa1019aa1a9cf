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

package io.idempotency.key;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Values of all kinds and a program that prints their digests, so that a test can run it
 * in another JVM.
 */
final class GoldenDigests {

	private GoldenDigests() {
	}

	static Map<String, Object> values() {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("text", "Stra\u00dfe \ud83d\ude00");
		values.put("number", 1200);
		values.put("decimal", new BigDecimal("-12345678901234567890.1230"));
		values.put("double", 0.1);
		values.put("truth", true);
		values.put("bytes", new byte[] { 1, 2, 3 });
		values.put("instant", Instant.parse("2026-07-01T10:15:30.123456789Z"));
		values.put("date", LocalDate.of(2026, 7, 1));
		values.put("java.util.Date", new Date(0));
		values.put("locale", Locale.forLanguageTag("tr-TR"));
		values.put("enum", Color.RED);
		values.put("list", List.of("b", "a", 3));
		Set<Object> set = new HashSet<>(List.of("x", "y", 4L, LocalDate.EPOCH));
		values.put("set", set);
		Map<Object, Object> map = new HashMap<>(Map.of("k", List.of(1), "l", Map.of(), Color.BLUE, 2));
		map.put("nothing", null);
		values.put("map", map);
		values.put("order",
				new Order("o-1", new BigDecimal("10.00"), List.of(new Line("sku", 2)), Optional.of("note")));
		values.put("nothing", null);
		return values;
	}

	static String hex(Object value) {
		return HexFormat.of().formatHex(new Canonicalizer().digest(value));
	}

	public static void main(String[] args) {
		values().forEach((name, value) -> System.out.println(name + "=" + hex(value)));
	}

	enum Color {

		RED, BLUE

	}

	record Line(String sku, int quantity) {
	}

	record Order(String id, BigDecimal amount, List<Line> lines, Optional<String> note) {
	}

}
