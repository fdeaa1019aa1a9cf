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

package io.idempotency.store.sql;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The version of a database, as far as it decides about statements.
 *
 * @param major the first number
 * @param minor the second number
 */
record SqlVersion(int major, int minor) {

	private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)");

	static SqlVersion of(DatabaseMetaData metaData) throws SQLException {
		return new SqlVersion(metaData.getDatabaseMajorVersion(), metaData.getDatabaseMinorVersion());
	}

	/**
	 * Read a version out of a text.
	 * @param text one that contains two numbers with a dot between them
	 * @return the first of them, or {@code null} if there is none
	 */
	static @Nullable SqlVersion in(String text) {
		Matcher numbers = NUMBERS.matcher(text);
		return numbers.find() ? new SqlVersion(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)))
				: null;
	}

	boolean isBefore(SqlVersion other) {
		return (this.major != other.major) ? this.major < other.major : this.minor < other.minor;
	}

	/** The numbers that tell it from others, as people write it. */
	@Override
	public String toString() {
		return (this.minor == 0) ? Integer.toString(this.major) : this.major + "." + this.minor;
	}

}
