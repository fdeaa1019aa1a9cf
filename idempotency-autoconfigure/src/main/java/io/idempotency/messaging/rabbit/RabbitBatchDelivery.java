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

package io.idempotency.messaging.rabbit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.rabbitmq.client.Channel;
import io.idempotency.PartialFailureException;
import io.idempotency.engine.BatchResult;
import io.idempotency.messaging.BatchDelivery;
import io.idempotency.messaging.Recipient;
import io.idempotency.messaging.Redelivery;
import org.jspecify.annotations.Nullable;

import org.springframework.messaging.Message;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.util.Assert;

/**
 * The messages that a container hands together to a listener. It settles them together,
 * or leaves each to the listener, which does so through the channel.
 */
final class RabbitBatchDelivery extends BatchDelivery implements Held {

	private final List<RabbitMessage> all;

	private final BatchChannel channel;

	private final boolean settledByListener;

	private final boolean locallyTransacted;

	/** Without what the adapter refused because it could not convert it. */
	private @Nullable List<RabbitMessage> converted;

	/** The places among those of what was not refused by the listener, either. */
	private List<Integer> places = List.of();

	private final Set<Integer> given = new HashSet<>();

	private final Set<Integer> done = new HashSet<>();

	/** Why a listener that failed did not get the message at a place. */
	private final Map<Integer, Throwable> rest = new HashMap<>();

	private @Nullable Throwable thrown;

	RabbitBatchDelivery(Recipient recipient, List<RabbitMessage> messages, Channel channel, boolean settledByListener,
			boolean locallyTransacted) {
		super(recipient);
		this.all = messages;
		this.channel = new BatchChannel(channel);
		this.settledByListener = settledByListener;
		this.locallyTransacted = locallyTransacted;
	}

	/**
	 * Return the channel for the rest of the chain and the listener.
	 * @return a channel that sees what is settled by it
	 */
	Channel channel() {
		return this.channel.proxy();
	}

	@Override
	protected List<RabbitMessage> messages() {
		if (this.converted == null) {
			this.converted = this.all.stream().filter((each) -> !this.channel.isGivenBack(each.tag())).toList();
		}
		List<RabbitMessage> messages = this.converted;
		this.thrown = null;
		this.places = IntStream.range(0, messages.size())
			.filter((place) -> !this.channel.isGivenBack(messages.get(place).tag()))
			.boxed()
			.toList();
		return this.places.stream().map(messages::get).toList();
	}

	private long tagAt(int place) {
		return converted().get(place).tag();
	}

	private List<RabbitMessage> converted() {
		return (this.converted != null) ? this.converted : this.all;
	}

	@Override
	protected @Nullable Object narrowed(@Nullable Object argument, List<Integer> positions) {
		if (argument instanceof Message<?> message && message.getPayload() instanceof List<?> list) {
			return MessageBuilder.withPayload(narrowed(list, positions)).copyHeaders(message.getHeaders()).build();
		}
		return (argument instanceof List<?> list) ? narrowed(list, positions) : argument;
	}

	private List<?> narrowed(List<?> list, List<Integer> positions) {
		Assert.state(list.size() == converted().size(), () -> "A listener of batches would get " + list.size()
				+ " items for " + converted().size() + " messages. Nothing ran");
		give(positions.stream().map(this.places::get).collect(Collectors.toSet()));
		List<@Nullable Object> kept = new ArrayList<>(positions.size());
		positions.forEach((position) -> kept.add(list.get(this.places.get(position))));
		return kept;
	}

	private void give(Set<Integer> places) {
		this.given.addAll(places);
		Set<Long> tags = places.stream().map(this::tagAt).collect(Collectors.toSet());
		Set<Long> shared = IntStream.range(0, converted().size())
			.filter((place) -> !this.given.contains(place))
			.mapToObj(this::tagAt)
			.filter(tags::contains)
			.collect(Collectors.toSet());
		this.channel.give(tags, shared);
	}

	/** What a listener acknowledged before it failed is done. */
	@Override
	protected List<BatchResult> results(List<Integer> given, @Nullable Throwable failure) {
		this.thrown = failure;
		List<BatchResult> said = (failure instanceof PartialFailureException partial)
				? BatchResult.of(partial, given.size()) : List.of();
		List<BatchResult> results = new ArrayList<>();
		for (int i = 0; i < given.size(); i++) {
			int place = this.places.get(given.get(i));
			BatchResult result = (failure == null) ? BatchResult.done(null)
					: said.isEmpty() ? BatchResult.failed(failure) : said.get(i);
			if (this.channel.isGivenBack(tagAt(place))) {
				result = BatchResult.notBegun(NOT_BEGUN);
			}
			else if (this.channel.isAcknowledged(tagAt(place))) {
				result = BatchResult.done(null);
			}
			results.add(result);
		}
		return committed(results);
	}

	/**
	 * What the listener sent about messages that are done goes before their records, also
	 * where the container rolls back because of others.
	 */
	private List<BatchResult> committed(List<BatchResult> results) {
		if (!this.locallyTransacted || results.stream().allMatch((result) -> result.failure() != null)) {
			return results;
		}
		try {
			this.channel.commit();
			return results;
		}
		catch (RuntimeException ex) {
			return results.stream().map((result) -> BatchResult.failed(ex)).toList();
		}
	}

	/**
	 * A failure goes before what is in progress elsewhere: the container is to see it, so
	 * that it counts.
	 */
	@Override
	protected @Nullable Throwable settle(List<@Nullable Throwable> failures, boolean called,
			@Nullable Object[] arguments) throws IOException {
		Throwable failed = this.thrown;
		Throwable inProgress = null;
		for (int i = 0; i < failures.size(); i++) {
			Throwable failure = failures.get(i);
			if (failure == null) {
				this.done.add(this.places.get(i));
			}
			else if (Redelivery.after(failure) != null) {
				inProgress = (inProgress != null) ? inProgress : failure;
			}
			else if (failure != NOT_BEGUN && failed == null) {
				failed = failure;
			}
		}
		this.rest.clear();
		if (this.settledByListener) {
			acknowledgeDone();
			if (failed == null) {
				giveBackNotBegun(failures);
			}
			else {
				keepRest(failures);
			}
		}
		if (failed == null && inProgress == null) {
			this.channel.give(Set.of(), Set.of());
		}
		postpone((failed == null) ? inProgress : null);
		return failed;
	}

	/** What the listener got it settles by itself, perhaps later. */
	private void acknowledgeDone() throws IOException {
		for (int place = 0; place < converted().size(); place++) {
			long tag = tagAt(place);
			boolean left = !this.given.contains(place) || this.channel.isAcknowledged(tag);
			if (left && placesOf(tag).allMatch(this.done::contains)) {
				this.channel.acknowledge(tag);
			}
		}
	}

	private void giveBackNotBegun(List<@Nullable Throwable> failures) throws IOException {
		for (int i = 0; i < failures.size(); i++) {
			if (failures.get(i) == NOT_BEGUN) {
				this.channel.giveBack(tagAt(this.places.get(i)), true);
			}
		}
	}

	private void keepRest(List<@Nullable Throwable> failures) {
		for (int i = 0; i < failures.size(); i++) {
			Throwable failure = failures.get(i);
			if (failure != null && !this.given.contains(this.places.get(i))) {
				this.rest.put(this.places.get(i), failure);
			}
		}
	}

	/** What came together with a message that the listener got waits for its word. */
	@Override
	public void giveBackRest(boolean requeue) throws IOException {
		for (Map.Entry<Integer, Throwable> each : this.rest.entrySet()) {
			long tag = tagAt(each.getKey());
			if (this.channel.isAcknowledged(tag) || placesOf(tag).noneMatch(this.given::contains)) {
				Throwable failure = each.getValue();
				this.channel.giveBack(tag, requeue || failure == NOT_BEGUN || Redelivery.after(failure) != null);
			}
		}
	}

	private IntStream placesOf(long tag) {
		return IntStream.range(0, converted().size()).filter((place) -> tagAt(place) == tag);
	}

	@Override
	public boolean giveBack() throws IOException {
		if (!this.settledByListener) {
			return false;
		}
		for (int place = 0; place < converted().size(); place++) {
			if (!this.done.contains(place)) {
				this.channel.giveBack(tagAt(place), true);
			}
		}
		return true;
	}

}
