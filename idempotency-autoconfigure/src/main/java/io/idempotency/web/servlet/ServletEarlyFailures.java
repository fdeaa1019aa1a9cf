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

package io.idempotency.web.servlet;

import io.idempotency.web.EarlyFailures;

import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.ServletRequestBindingException;
import org.springframework.web.multipart.support.MissingServletRequestPartException;

/**
 * Tells which exceptions Spring MVC and Spring Security throw in front of a handler.
 */
final class ServletEarlyFailures {

	private ServletEarlyFailures() {
	}

	static boolean include(Throwable failure) {
		return failure instanceof ServletRequestBindingException
				|| failure instanceof MissingServletRequestPartException
				|| failure instanceof HttpMediaTypeNotSupportedException
				|| failure instanceof HttpRequestMethodNotSupportedException || EarlyFailures.include(failure);
	}

}
