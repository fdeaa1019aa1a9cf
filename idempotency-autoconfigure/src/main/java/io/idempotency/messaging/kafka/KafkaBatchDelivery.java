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

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.idempotency.engine.BatchResult;
import io.idempotency.messaging.BatchDelivery;
import io.idempotency.messaging.Recipient;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.listener.BatchListenerFailedException;
import org.springframework.kafka.support.Acknowledgment;
import org.springframework.util.Assert;

/**
 * The records of one poll on their way to a listener.
 */
final class KafkaBatchDelivery extends BatchDelivery {

	private final List<ConsumerRecord<?, ?>> records;

	private @Nullable KeptAcknowledgment kept;

	KafkaBatchDelivery(Recipient recipient, List<ConsumerRecord<?, ?>> records) {
		super(recipient);
		this.records = records;
	}

	/** A retry topic is read record by record. */
	@Override
	protected List<KafkaMessage> messages() {
		return this.records.stream().map((record) -> new KafkaMessage(record, false)).toList();
	}

	/**
	 * Payloads, records, messages and the values of a header come as lists of the same
	 * length; what a converter has nothing to say about as an empty list.
	 */
	@Override
	protected @Nullable Object narrowed(@Nullable Object argument, List<Integer> positions) {
		if (argument instanceof Acknowledgment acknowledgment) {
			this.kept = new KeptAcknowledgment(acknowledgment, positions);
			return this.kept;
		}
		if (argument instanceof ConsumerRecords<?, ?>) {
			return recordsAt(positions);
		}
		if (argument instanceof List<?> list && !list.isEmpty()) {
			return itemsAt(positions, list);
		}
		boolean all = positions.size() == this.records.size();
		Assert.state(all || argument == null || !BatchParameters.holdsAllRecords(argument.getClass()),
				"A listener of batches would get records again that were done before. Nothing ran");
		return argument;
	}

	private List<@Nullable Object> itemsAt(List<Integer> positions, List<?> list) {
		Assert.state(list.size() == this.records.size(), () -> "A listener of batches would get " + list.size()
				+ " items for " + this.records.size() + " records. Nothing ran");
		List<@Nullable Object> kept = new ArrayList<>(positions.size());
		positions.forEach((position) -> kept.add(list.get(position)));
		return kept;
	}

	/** By the constructor that is deprecated, because Kafka 3 has no other. */
	@SuppressWarnings({ "deprecation", "unchecked" })
	private ConsumerRecords<Object, Object> recordsAt(List<Integer> positions) {
		Map<TopicPartition, List<ConsumerRecord<Object, Object>>> kept = new LinkedHashMap<>();
		for (int position : positions) {
			ConsumerRecord<Object, Object> record = (ConsumerRecord<Object, Object>) this.records.get(position);
			kept.computeIfAbsent(new TopicPartition(record.topic(), record.partition()), (unused) -> new ArrayList<>())
				.add(record);
		}
		return new ConsumerRecords<>(kept);
	}

	/** Records come in an order, so that none is done that comes behind a failed one. */
	@Override
	protected List<BatchResult> results(List<Integer> given, @Nullable Throwable failure) {
		if (failure == null) {
			int givenBackFrom = (this.kept != null) ? this.kept.givenBackFrom() : given.size();
			return doneUpTo(given.size(), givenBackFrom, null);
		}
		int failed = failedAt(failure, given);
		if (failed < 0) {
			return List.of();
		}
		return doneUpTo(given.size(), failed, (failure.getCause() != null) ? failure.getCause() : failure);
	}

	private int failedAt(Throwable failure, List<Integer> given) {
		if (!(failure instanceof BatchListenerFailedException named)) {
			return -1;
		}
		ConsumerRecord<?, ?> record = named.getRecord();
		int index = (record != null) ? given.indexOf(this.records.indexOf(record)) : named.getIndex();
		return (index < given.size()) ? index : -1;
	}

	/**
	 * The container knows one place only from which to deliver again: the first record
	 * that is not done.
	 */
	@Override
	protected @Nullable Throwable settle(List<@Nullable Throwable> failures, boolean called,
			@Nullable Object[] arguments) {
		int notDone = 0;
		while (notDone < failures.size() && failures.get(notDone) == null) {
			notDone++;
		}
		boolean done = notDone == failures.size();
		if (done && !called) {
			KafkaDelivery.acknowledge(arguments);
			return null;
		}
		boolean told = this.kept != null && this.kept.settle(notDone, this.records.size());
		return (done || told) ? null : failed(notDone, Objects.requireNonNull(failures.get(notDone)));
	}

	/**
	 * By the record: an interceptor may have left out some, so that the places differ.
	 */
	private Throwable failed(int position, Throwable failure) {
		return new BatchListenerFailedException(
				"The record at " + position + " of " + this.records.size() + " is not done: " + failure.getMessage(),
				failure, this.records.get(position));
	}

}
