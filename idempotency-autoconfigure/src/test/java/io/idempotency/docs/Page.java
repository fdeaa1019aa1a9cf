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

package io.idempotency.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A page of the documentation, and what tests run of it. A fenced block that follows the
 * comment {@code <!-- tested: name -->} has that name; code that claims something and has
 * none fails the page.
 */
final class Page {

	private static final Pattern BLOCK = Pattern
		.compile("(?:<!-- tested: (\\S+) -->\\R)?^( *)```(\\w*)\\R(.*?)\\R\\2```", Pattern.DOTALL | Pattern.MULTILINE);

	private static final Pattern REGION = Pattern.compile("^(\\t*)// region (\\S+)\\R(.*?)\\R+\\t*// endregion",
			Pattern.DOTALL | Pattern.MULTILINE);

	private final String name;

	private final Map<String, String> blocks = new LinkedHashMap<>();

	private Page(String name, String text, Pattern testedLanguages) {
		this.name = name;
		Matcher block = BLOCK.matcher(text);
		while (block.find()) {
			if (block.group(1) != null) {
				assertThat(this.blocks.put(block.group(1), block.group(4))).as("blocks of one name in " + name)
					.isNull();
			}
			else {
				assertThat(block.group(3)).as("language of a block without a test in " + name + ":\n" + block.group(4))
					.doesNotMatch(testedLanguages);
			}
		}
	}

	/**
	 * Read a page.
	 * @param name its file name in {@code docs}
	 * @param testedLanguages the languages of which every block must have a test
	 * @return the page
	 */
	static Page of(String name, String testedLanguages) {
		return new Page(name, read(Path.of("..", "docs", name)), Pattern.compile(testedLanguages));
	}

	/**
	 * Read the regions of a source file, which a page shows word by word.
	 * @param className the name of a class among the tests
	 * @return the lines between {@code // region name} and {@code // endregion} by name,
	 * without what all are indented by
	 */
	static Map<String, String> regions(String className) {
		Matcher region = REGION.matcher(read(Path.of("src/test/java", className.replace('.', '/') + ".java")));
		Map<String, String> regions = new LinkedHashMap<>();
		while (region.find()) {
			regions.put(region.group(2), region.group(3).replaceAll("(?m)^" + region.group(1), ""));
		}
		return regions;
	}

	static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Run this from the directory of the module", ex);
		}
	}

	Map<String, String> blocks() {
		return this.blocks;
	}

	String block(String name) {
		assertThat(this.blocks).as("blocks of " + this.name).containsKey(name);
		return this.blocks.get(name);
	}

}
