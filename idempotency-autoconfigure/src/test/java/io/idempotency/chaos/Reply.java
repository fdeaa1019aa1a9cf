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

/**
 * What the caller was told.
 *
 * @param kind what kind of answer
 * @param answer the answer, {@code -} if there is none
 */
record Reply(Kind kind, String answer) {

	/** The process died before it answered. */
	static final Reply LOST = new Reply(Kind.LOST, "-");

	static Reply parse(String text) {
		String[] words = text.split(" ");
		return new Reply(Kind.valueOf(words[0]), words[1]);
	}

	String line() {
		return this.kind + " " + this.answer;
	}

	/** Whether there is nothing more to ask. */
	boolean isFinal() {
		return this.kind == Kind.SUCCESS || this.kind == Kind.FAILURE || this.kind == Kind.DECLINED;
	}

	enum Kind {

		/** The result. */
		SUCCESS,

		/** The failure under which the effect was committed, or its repetition. */
		FAILURE,

		/** The failure that is remembered although the effect was rolled back. */
		DECLINED,

		/** A result of work that asked for its own rollback. */
		GIVEN_BACK,

		/** Any other exception; the answer is that of the run, if there was one. */
		ERROR,

		/** Nothing. */
		LOST

	}

}
