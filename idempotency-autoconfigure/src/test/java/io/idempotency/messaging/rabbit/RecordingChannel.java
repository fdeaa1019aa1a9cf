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
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import com.rabbitmq.client.Channel;
import org.jspecify.annotations.Nullable;

/**
 * A channel without a broker, which keeps what it is told.
 */
final class RecordingChannel implements InvocationHandler {

	private final List<String> calls = new ArrayList<>();

	private @Nullable IOException failure;

	Channel channel() {
		return (Channel) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Channel.class }, this);
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args) throws IOException {
		if (this.failure != null) {
			throw this.failure;
		}
		this.calls.add(method.getName() + Arrays.toString(args));
		return null;
	}

	/**
	 * Let all that it is told fail from now on.
	 * @param failure what with
	 */
	void fail(IOException failure) {
		this.failure = failure;
	}

	/**
	 * Return what the channel was told.
	 * @return the names of the methods with their arguments
	 */
	List<String> calls() {
		return this.calls;
	}

}
