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

package io.idempotency.messaging.kafka;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.idempotency.engine.InvalidOperationException;
import io.idempotency.method.MethodOperation;
import org.apache.kafka.clients.consumer.ConsumerRecords;

import org.springframework.messaging.Message;

/**
 * Knows from which parameters of a listener of batches records can be left out: those
 * that are lists, with one item for each record, and {@link ConsumerRecords}.
 */
final class BatchParameters {

	private BatchParameters() {
	}

	/**
	 * Refuse a listener that would get again what was done before.
	 * @param operation its method
	 * @throws InvalidOperationException if it has such a parameter, or none for records
	 */
	static void check(MethodOperation operation) {
		Class<?>[] types = operation.method().getParameterTypes();
		Stream.of(types).filter(BatchParameters::holdsAllRecords).findFirst().ifPresent((type) -> {
			throw new InvalidOperationException(operation.spec().name(),
					"is a listener of batches with a parameter of the type " + type.getSimpleName()
							+ ", from which records that were done before cannot be left out",
					"Take lists: of payloads, of ConsumerRecord or of Message, and a list of each header by @Header");
		});
		if (Stream.of(types).noneMatch(BatchParameters::canBeShortened)) {
			throw new InvalidOperationException(operation.spec().name(),
					"is a listener of batches without a parameter for all records of a batch",
					"Take a List or ConsumerRecords");
		}
	}

	/**
	 * Return whether a type holds something of each record, but is no list.
	 * @param type the type of a parameter, or of an argument
	 * @return whether nothing can be left out
	 */
	static boolean holdsAllRecords(Class<?> type) {
		return type.isArray() || Map.class.isAssignableFrom(type) || Message.class.isAssignableFrom(type)
				|| (Collection.class.isAssignableFrom(type) && !canBeShortened(type));
	}

	private static boolean canBeShortened(Class<?> type) {
		return type.isAssignableFrom(List.class) || List.class.isAssignableFrom(type) || type == ConsumerRecords.class;
	}

}
