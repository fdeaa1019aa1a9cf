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

import java.util.Set;

/**
 * A store is named that is not there.
 */
@SuppressWarnings("serial")
public class UnknownStoreException extends IllegalStateException {

	private final String name;

	private final Set<String> known;

	UnknownStoreException(String name, Set<String> known) {
		super("There is no idempotency store '" + name + "'; there are " + known);
		this.name = name;
		this.known = Set.copyOf(known);
	}

	/**
	 * Return the name that was asked for.
	 * @return the name
	 */
	public String getName() {
		return this.name;
	}

	/**
	 * Return the stores that are there.
	 * @return their names
	 */
	public Set<String> getKnown() {
		return this.known;
	}

}
