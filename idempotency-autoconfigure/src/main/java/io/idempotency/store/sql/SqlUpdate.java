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

/**
 * An update of a record by its id, on a condition. Its parameters are, in this order,
 * those of the changes, the id, and those of the condition, each of them once.
 */
final class SqlUpdate {

	/** The statement for one record. */
	final String ofOne;

	/** The assignments. */
	final String changes;

	/** What has to hold of the record. */
	final String condition;

	SqlUpdate(String table, String changes, String condition) {
		this.ofOne = "UPDATE %s SET %s WHERE id = ? AND %s".formatted(table, changes, condition);
		this.changes = changes;
		this.condition = condition;
	}

}
