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
package io.idempotency.chaos;

import java.util.Locale;

/**
 * One call, as it is sent to a process.
 *
 * @param number tells it from others
 * @param mode which of the guarded methods is called
 * @param key its key
 * @param fate what becomes of the work if this call runs it
 * @param inTransaction whether the caller opens a transaction around it
 */
record Call(int number, Mode mode, String key, Fate fate, boolean inTransaction) {

	/** Return a call with the same words. */
	static Call parse(String line) {
		String[] words = line.split(" ");
		return new Call(Integer.parseInt(words[0]), Mode.valueOf(words[1]), words[2], Fate.valueOf(words[3]),
				Boolean.parseBoolean(words[4]));
	}

	String line() {
		return this.number + " " + this.mode + " " + this.key + " " + this.fate + " " + this.inTransaction;
	}

	/**
	 * The guarded methods, each of another transaction mode.
	 */
	enum Mode {

		ATOMIC, JOINED,

		/** {@code ATOMIC} or {@code JOINED}, as the caller is in a transaction or not. */
		AUTO;

		String operation() {
			return "pay-" + name().toLowerCase(Locale.ROOT);
		}

	}

}
