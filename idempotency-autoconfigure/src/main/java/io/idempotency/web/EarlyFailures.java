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

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import io.idempotency.IdempotencyException;

import org.springframework.beans.TypeMismatchException;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.codec.DecodingException;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.validation.BindException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.NotAcceptableStatusException;
import org.springframework.web.server.ServerWebInputException;
import org.springframework.web.server.UnsupportedMediaTypeStatusException;

/**
 * Tells which exceptions Spring's web frameworks and Spring Security throw in front of a
 * handler.
 */
public final class EarlyFailures {

	private static final List<Class<?>> TYPES = List.of(HttpMessageNotReadableException.class,
			MethodArgumentNotValidException.class, BindException.class, TypeMismatchException.class,
			MultipartException.class, ServerWebInputException.class, MethodNotAllowedException.class,
			NotAcceptableStatusException.class, UnsupportedMediaTypeStatusException.class, DecodingException.class);

	private EarlyFailures() {
	}

	/**
	 * Return whether a failure came from in front of the handler. Only its type tells: a
	 * handler that throws such an exception by itself is taken for one that did not
	 * begin.
	 * @param failure the failure
	 * @return whether it did
	 */
	public static boolean include(Throwable failure) {
		if (failure instanceof HandlerMethodValidationException validation) {
			return !validation.isForReturnValue();
		}
		return TYPES.stream().anyMatch((type) -> type.isInstance(failure)) || SecurityTypes.isRefusal(failure);
	}

	/**
	 * Return whether what a method answers may be such a failure, or one of a guarded
	 * call, rather than a decision of the handler.
	 * @param exceptionHandler a method that answers for exceptions
	 * @return whether it may; in doubt it may
	 */
	public static boolean mayBeAnsweredBy(Method exceptionHandler) {
		List<Class<?>> others = List.of(HandlerMethodValidationException.class, IdempotencyException.class);
		return declared(exceptionHandler).anyMatch((type) -> Stream.concat(TYPES.stream(), others.stream())
			.anyMatch((early) -> type.isAssignableFrom(early) || early.isAssignableFrom(type)));
	}

	private static Stream<Class<?>> declared(Method exceptionHandler) {
		ExceptionHandler annotation = AnnotatedElementUtils.findMergedAnnotation(exceptionHandler,
				ExceptionHandler.class);
		if (annotation != null && annotation.value().length > 0) {
			return Arrays.stream(annotation.value());
		}
		return Arrays.stream(exceptionHandler.getParameterTypes()).filter(Throwable.class::isAssignableFrom);
	}

}
