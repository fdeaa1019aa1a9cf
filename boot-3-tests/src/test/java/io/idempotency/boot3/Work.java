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

package io.idempotency.boot3;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What was done, in all contexts and threads.
 */
class Work {

	private final List<String> done = new CopyOnWriteArrayList<>();

	void add(String what) {
		this.done.add(what);
	}

	List<String> startingWith(String prefix) {
		return this.done.stream().filter((each) -> each.startsWith(prefix)).toList();
	}

}
