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

package io.idempotency.engine;

/**
 * An operation is declared in a way that cannot work. Thrown at start-up or, for what is
 * only met later, at the first call, before anything runs.
 */
@SuppressWarnings("serial")
public class InvalidOperationException extends IllegalStateException {

	private final String operation;

	private final String fact;

	private final String action;

	/**
	 * Create the exception.
	 * @param operation the operation's name, or the method where there is no name yet
	 * @param fact what is wrong, as the predicate of a sentence about the operation
	 * @param action what to do, as an imperative
	 */
	public InvalidOperationException(String operation, String fact, String action) {
		super("Operation '" + operation + "' " + fact + ". " + action + ".");
		this.operation = operation;
		this.fact = fact;
		this.action = action;
	}

	/**
	 * Return which operation is declared wrongly.
	 * @return its name, or the method where there is no name yet
	 */
	public String getOperation() {
		return this.operation;
	}

	/**
	 * Return what is wrong.
	 * @return the predicate of a sentence about the operation, without a full stop
	 */
	public String getFact() {
		return this.fact;
	}

	/**
	 * Return what to do about it.
	 * @return an imperative sentence without a full stop
	 */
	public String getAction() {
		return this.action;
	}

}
