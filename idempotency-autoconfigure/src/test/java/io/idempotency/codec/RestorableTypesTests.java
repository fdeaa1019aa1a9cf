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

import java.io.InputStream;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.io.Resource;
import org.springframework.http.ResponseEntity;

import static org.assertj.core.api.Assertions.assertThat;

class RestorableTypesTests {

	static Stream<Type> restorable() {
		return returnTypes(Restorable.class);
	}

	static Stream<Type> unrestorable() {
		return returnTypes(Unrestorable.class);
	}

	private static Stream<Type> returnTypes(Class<?> type) {
		return Arrays.stream(type.getDeclaredMethods())
			.filter((method) -> !method.isSynthetic())
			.map((method) -> method.getGenericReturnType());
	}

	@ParameterizedTest
	@MethodSource("restorable")
	void nothingSpeaksAgainstData(Type type) {
		assertThat(RestorableTypes.reasonAgainst(type)).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("unrestorable")
	void reasonNamesTheTypeAndTheRemedy(Type type) {
		assertThat(RestorableTypes.reasonAgainst(type)).get().asString().startsWith("returns ").contains(": ");
	}

	interface Restorable {

		void nothing();

		int number();

		String text();

		byte[] bytes();

		List<String> list();

		Map<String, Object> whateverJsonMakesOfIt();

		Optional<List<Integer>> optional();

		CompletableFuture<String> future();

		CompletionStage<Void> stage();

		ResponseEntity<List<String>> response();

		ResponseEntity<Void> emptyResponse();

		<T extends Number> T bounded();

	}

	interface Unrestorable {

		Object object();

		<T> T variable();

		Stream<String> stream();

		List<Stream<String>> streams();

		Iterator<String> iterator();

		InputStream input();

		AutoCloseable closeable();

		Flow.Publisher<String> publisher();

		Future<String> plainFuture();

		CompletableFuture<Object> futureOfObject();

		CompletionStage<?> stageOfAnything();

		ResponseEntity<?> responseOfAnything();

		@SuppressWarnings("rawtypes")
		ResponseEntity rawResponse();

		ResponseEntity<Resource> download();

		Runnable code();

		Class<?> type();

		Object[] objects();

	}

}
