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

package io.idempotency.codec;

import java.lang.reflect.Type;

import org.jspecify.annotations.Nullable;

/**
 * What the versions of Jackson have in common.
 */
interface JsonMapping {

	/**
	 * Write a value as JSON.
	 * @param value the value
	 * @param type its declared type
	 * @return the JSON
	 * @throws Exception as the mapper sees fit
	 */
	byte[] write(@Nullable Object value, Type type) throws Exception;

	/**
	 * Read JSON as a type.
	 * @param json the JSON
	 * @param type the declared type
	 * @return the value
	 * @throws Exception as the mapper sees fit
	 */
	@Nullable Object read(byte[] json, Type type) throws Exception;

}
