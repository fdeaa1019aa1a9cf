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
 * A result could not be encoded, or stored bytes could not be read as the declared type.
 * The message names the type, never the content.
 */
@SuppressWarnings("serial")
public class OutcomeCodecException extends RuntimeException {

	public OutcomeCodecException(String verb, Type type, @Nullable Throwable cause) {
		super("Cannot " + verb + " a result of type " + type.getTypeName(), cause);
	}

}
