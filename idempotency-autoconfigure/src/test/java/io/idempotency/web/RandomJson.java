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

package io.idempotency.web;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes JSON texts without members of the same name.
 */
final class RandomJson {

	private static final String[] NUMBERS = { "0", "-0", "1", "1.0", "-12.50", "1e3", "1E-3", "123456789012345678901" };

	private static final String[] CHARACTERS = { "a", "b", "A", " ", "\\n", "\\u0007", "\\\"", "\\\\", "/", "\u00e4",
			"\u20ac", "\ud83d\ude00", "\u007f", "\\/", "\\u00e4", "\\ud83d\\ude00", "\\u0041" };

	private static final int DIFFERENT_CHARACTERS = 13;

	private RandomJson() {
	}

	static String next(Random random) {
		return value(random, 4);
	}

	private static String value(Random random, int depth) {
		int kind = random.nextInt((depth > 0) ? 8 : 5);
		return space(random) + switch (kind) {
			case 0 -> "true";
			case 1 -> "null";
			case 2 -> NUMBERS[random.nextInt(NUMBERS.length)];
			case 3, 4 -> string(random);
			case 5 -> values(random, depth);
			default -> members(random, depth);
		} + space(random);
	}

	private static String values(Random random, int depth) {
		List<String> values = new ArrayList<>();
		for (int i = random.nextInt(4); i > 0; i--) {
			values.add(value(random, depth - 1));
		}
		return "[" + (values.isEmpty() ? space(random) : String.join(",", values)) + "]";
	}

	private static String members(Random random, int depth) {
		Set<String> names = new LinkedHashSet<>();
		for (int i = random.nextInt(5); i > 0; i--) {
			names.add(name(random));
		}
		return names.stream()
			.map((name) -> space(random) + name + space(random) + ":" + value(random, depth - 1))
			.collect(Collectors.joining(",", "{", space(random) + "}"));
	}

	private static String string(Random random) {
		return string(random, CHARACTERS.length);
	}

	/** Has each character in one form, so that different texts are different names. */
	private static String name(Random random) {
		return string(random, DIFFERENT_CHARACTERS);
	}

	private static String string(Random random, int characters) {
		StringBuilder text = new StringBuilder("\"");
		for (int i = random.nextInt(5); i > 0; i--) {
			text.append(CHARACTERS[random.nextInt(characters)]);
		}
		return text.append('"').toString();
	}

	private static String space(Random random) {
		return random.nextInt(4) == 0 ? " \n\t\r".substring(random.nextInt(4)) : "";
	}

	/** The same tree with its members in another order. */
	static String shuffled(JsonNode tree, Random random) {
		if (tree.isArray()) {
			List<String> values = new ArrayList<>();
			tree.forEach((value) -> values.add(shuffled(value, random)));
			return "[" + String.join(" ,", values) + "]";
		}
		if (tree.isObject()) {
			List<String> members = new ArrayList<>();
			tree.properties()
				.forEach((member) -> members.add(JsonMapper.shared().writeValueAsString(member.getKey()) + " : "
						+ shuffled(member.getValue(), random)));
			Collections.shuffle(members, random);
			return "{" + String.join(",", members) + "}";
		}
		return tree.toString();
	}

}
