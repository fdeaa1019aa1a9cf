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

/**
 * It is not clear in which database the records are to be kept.
 */
@SuppressWarnings("serial")
public class UndecidedDataSourceException extends IllegalStateException {

	private final String fact;

	private final String action;

	UndecidedDataSourceException(String fact, String action) {
		super("The data source of the idempotency records is not clear: " + fact + ". " + action);
		this.fact = fact;
		this.action = action;
	}

	/**
	 * Return what was found.
	 * @return a sentence without its full stop
	 */
	public String getFact() {
		return this.fact;
	}

	/**
	 * Return what to do about it.
	 * @return a sentence
	 */
	public String getAction() {
		return this.action;
	}

}
