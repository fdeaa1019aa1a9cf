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

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

import com.rabbitmq.client.Channel;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Sees what a listener tells the broker about its message. All that the listener does
 * with the channel is done with that of the container.
 */
final class WatchedChannel implements InvocationHandler {

	private final Channel channel;

	private final long tag;

	private volatile boolean settled;

	private volatile boolean givenBack;

	WatchedChannel(Channel channel, long tag) {
		this.channel = channel;
		this.tag = tag;
	}

	/**
	 * Return the channel for the listener.
	 * @return a channel with all interfaces of the container's
	 */
	Channel channel() {
		ClassLoader classLoader = WatchedChannel.class.getClassLoader();
		return (Channel) Proxy.newProxyInstance(classLoader,
				ClassUtils.getAllInterfacesForClass(this.channel.getClass(), classLoader), this);
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args) throws Throwable {
		Object result;
		try {
			result = method.invoke(this.channel, args);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
		if (args != null) {
			note(method.getName(), args);
		}
		return result;
	}

	private void note(String method, Object[] args) {
		switch (method) {
			case "basicAck" -> this.settled |= concerns((long) args[0], (boolean) args[1]);
			case "basicNack" -> giveBack(concerns((long) args[0], (boolean) args[1]));
			case "basicReject" -> giveBack(concerns((long) args[0], false));
			case "basicRecover" -> giveBack(true);
			default -> {
			}
		}
	}

	private void giveBack(boolean concerned) {
		this.givenBack |= concerned;
		this.settled |= concerned;
	}

	/** Tag 0 stands for all that is not settled yet. */
	private boolean concerns(long tag, boolean multiple) {
		return tag == this.tag || (multiple && (tag == 0 || tag > this.tag));
	}

	/**
	 * Return whether the listener settled its message in whatever way.
	 * @return whether it did
	 */
	boolean settled() {
		return this.settled;
	}

	/**
	 * Return whether the listener refused its message, to have it delivered again or as a
	 * dead letter.
	 * @return whether it did
	 */
	boolean givenBack() {
		return this.givenBack;
	}

}
