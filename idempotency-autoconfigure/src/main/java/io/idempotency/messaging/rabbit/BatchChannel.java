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
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import com.rabbitmq.client.Channel;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.rabbit.connection.RabbitUtils;
import org.springframework.util.ClassUtils;

/**
 * Sees what the messages of a batch are settled with, once each. "All up to this one"
 * means those that the listener got: of the others it knows nothing.
 */
final class BatchChannel implements InvocationHandler {

	private final Channel channel;

	private final TreeSet<Long> given = new TreeSet<>();

	private final Set<Long> kept = new TreeSet<>();

	private final Set<Long> settled = new TreeSet<>();

	private final Set<Long> acknowledged = new TreeSet<>();

	private final Set<Long> givenBack = new TreeSet<>();

	BatchChannel(Channel channel) {
		this.channel = channel;
	}

	/**
	 * Return the channel for the container's adapter and the listener.
	 * @return a channel with all interfaces of the container's
	 */
	Channel proxy() {
		ClassLoader classLoader = BatchChannel.class.getClassLoader();
		return (Channel) Proxy.newProxyInstance(classLoader,
				ClassUtils.getAllInterfacesForClass(this.channel.getClass(), classLoader), this);
	}

	/**
	 * Note what the listener gets.
	 * @param tags those of its messages
	 * @param shared those of them that came together with messages that it does not get.
	 * Acknowledgments of these are kept
	 */
	synchronized void give(Set<Long> tags, Set<Long> shared) {
		this.given.addAll(tags);
		this.kept.clear();
		this.kept.addAll(shared);
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args) throws Throwable {
		if (args == null || !method.getName().startsWith("basic")) {
			return call(method, args);
		}
		switch (method.getName()) {
			case "basicAck" -> acknowledgeByListener(concerned((long) args[0], (boolean) args[1]));
			case "basicNack" -> giveBack(concerned((long) args[0], (boolean) args[1]), (boolean) args[2]);
			case "basicReject" -> reject((long) args[0], (boolean) args[1]);
			default -> {
				return call(method, args);
			}
		}
		return null;
	}

	private @Nullable Object call(Method method, Object @Nullable [] args) throws Throwable {
		try {
			Object result = method.invoke(this.channel, args);
			if (method.getName().equals("basicRecover")) {
				recovered();
			}
			return result;
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/** Tag 0 stands for all that is not settled yet. */
	private synchronized List<Long> concerned(long tag, boolean multiple) {
		if (!multiple) {
			return List.of(tag);
		}
		return List.copyOf((tag == 0) ? this.given : this.given.headSet(tag, true));
	}

	private synchronized void acknowledgeByListener(List<Long> tags) throws IOException {
		for (long tag : tags) {
			if (!this.givenBack.contains(tag)) {
				this.acknowledged.add(tag);
			}
			if (!this.kept.contains(tag)) {
				acknowledge(tag);
			}
		}
	}

	private synchronized void reject(long tag, boolean requeue) throws IOException {
		if (this.settled.add(tag)) {
			this.givenBack.add(tag);
			this.channel.basicReject(tag, requeue);
		}
	}

	private void giveBack(List<Long> tags, boolean requeue) throws IOException {
		for (long tag : tags) {
			giveBack(tag, requeue);
		}
	}

	/**
	 * Commit what was sent and settled through a transacted channel.
	 */
	void commit() {
		RabbitUtils.commitIfNecessary(this.channel);
	}

	/**
	 * Acknowledge a delivery that is not settled yet.
	 * @param tag its tag
	 * @throws IOException if the broker does not take it
	 */
	synchronized void acknowledge(long tag) throws IOException {
		if (this.settled.add(tag)) {
			this.channel.basicAck(tag, false);
		}
	}

	/**
	 * Refuse a delivery that is not settled yet.
	 * @param tag its tag
	 * @param requeue whether it is to come again
	 * @throws IOException if the broker does not take it
	 */
	synchronized void giveBack(long tag, boolean requeue) throws IOException {
		if (this.settled.add(tag)) {
			this.givenBack.add(tag);
			this.channel.basicNack(tag, false, requeue);
		}
	}

	/** The broker delivers again whatever is not settled. */
	private synchronized void recovered() {
		this.given.stream().filter(this.settled::add).forEach(this.givenBack::add);
	}

	/**
	 * Return whether the listener acknowledged a delivery.
	 * @param tag its tag
	 * @return whether it did
	 */
	synchronized boolean isAcknowledged(long tag) {
		return this.acknowledged.contains(tag);
	}

	/**
	 * Return whether somebody refused a delivery.
	 * @param tag its tag
	 * @return whether somebody did
	 */
	synchronized boolean isGivenBack(long tag) {
		return this.givenBack.contains(tag);
	}

}
