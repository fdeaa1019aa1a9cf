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

package io.idempotency.sample;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

import io.idempotency.IdempotencyRememberedFailureException;
import io.idempotency.sample.order.NoDeliveryException;
import io.idempotency.sample.payment.CardDeclinedException;
import io.idempotency.sample.payment.GatewayTimeoutException;
import io.idempotency.sample.payment.GatewayUnavailableException;
import io.idempotency.sample.profile.CrmFailedException;
import io.idempotency.sample.profile.CrmUnavailableException;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.client.RestClientException;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Answers the failures of the sample with problems of RFC 9457, whose member {@code code}
 * is for programs. Those about keys are the library's.
 */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

	private static final Duration SHORTLY = Duration.ofSeconds(1);

	@Override
	protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(MethodArgumentNotValidException ex,
			HttpHeaders headers, HttpStatusCode status, WebRequest request) {
		Map<String, String> errors = new TreeMap<>();
		ex.getFieldErrors().forEach((error) -> errors.put(error.getField(), String.valueOf(error.getDefaultMessage())));
		ex.getBody().setProperty("errors", errors);
		return super.handleMethodArgumentNotValid(ex, headers, status, request);
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> failedBefore(IdempotencyRememberedFailureException ex) {
		return problem(HttpStatus.CONFLICT, "failed-before", ex);
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> declined(CardDeclinedException ex) {
		return problem(HttpStatus.PAYMENT_REQUIRED, "card-declined", ex);
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> notDelivered(NoDeliveryException ex) {
		return problem(HttpStatus.UNPROCESSABLE_CONTENT, "no-delivery", ex);
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> gatewayTimeout(GatewayTimeoutException ex) {
		return problem(HttpStatus.GATEWAY_TIMEOUT, "gateway-timeout", ex);
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> gatewayUnavailable(GatewayUnavailableException ex) {
		return problem(HttpStatus.SERVICE_UNAVAILABLE, "gateway-unavailable", ex, SHORTLY);
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> gatewayFailed(RestClientException ex) {
		this.logger.warn("The payment gateway failed", ex);
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.BAD_GATEWAY, "The payment gateway failed.");
		problem.setProperty("code", "gateway-failed");
		return ResponseEntity.of(problem).build();
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> crmUnavailable(CrmUnavailableException ex) {
		return problem(HttpStatus.SERVICE_UNAVAILABLE, "crm-unavailable", ex, SHORTLY);
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> crmFailed(CrmFailedException ex) {
		this.logger.warn("The CRM failed", ex);
		return problem(HttpStatus.BAD_GATEWAY, "crm-failed", ex);
	}

	private static ResponseEntity<ProblemDetail> problem(HttpStatus status, String code, Exception ex) {
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, ex.getMessage());
		problem.setProperty("code", code);
		return ResponseEntity.of(problem).build();
	}

	private static ResponseEntity<ProblemDetail> problem(HttpStatus status, String code, Exception ex,
			Duration retryAfter) {
		ResponseEntity<ProblemDetail> problem = problem(status, code, ex);
		long seconds = Math.max(1, (retryAfter.toMillis() + 999) / 1000);
		return ResponseEntity.status(status)
			.header(HttpHeaders.RETRY_AFTER, Long.toString(seconds))
			.body(problem.getBody());
	}

}
