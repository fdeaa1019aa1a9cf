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

package io.idempotency.web;

import java.util.Locale;

import io.idempotency.IdempotencyException;
import io.idempotency.IdempotencyRejectedException;
import io.idempotency.IdempotencyTransientException;

import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/**
 * Gives the problems of the HTTP contract for the exceptions of guarded methods behind
 * handlers, too. Comes before the advice of an application that has no order, as that of
 * Spring Boot does, and after one that has a lower order or the controller's own.
 */
@ControllerAdvice
@Order(0)
public final class IdempotencyProblemAdvice {

	private final Problems problems;

	/**
	 * Create the advice.
	 * @param problems writes problems
	 */
	public IdempotencyProblemAdvice(Problems problems) {
		this.problems = problems;
	}

	/**
	 * Answer for an exception.
	 * @param ex the exception
	 * @param locale the language of the client
	 * @return the problem, as bytes: Spring would add the path, which can have a key in
	 * it
	 */
	@ExceptionHandler({ IdempotencyTransientException.class, IdempotencyRejectedException.class })
	ResponseEntity<byte[]> handle(IdempotencyException ex, Locale locale) {
		Problem problem = Problem.of(ex);
		return ResponseEntity.status(problem.type().status())
			.headers(this.problems.headers(problem))
			.body(this.problems.json(this.problems.detail(problem, locale)));
	}

}
