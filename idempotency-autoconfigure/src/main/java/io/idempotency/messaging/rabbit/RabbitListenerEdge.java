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

import java.lang.reflect.Method;
import java.util.function.Supplier;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.key.Canonicalizer;
import io.idempotency.messaging.ListenerEdge;
import io.idempotency.messaging.MessageKey;

import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.rabbit.annotation.RabbitHandler;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.annotation.RabbitListeners;
import org.springframework.core.annotation.AnnotatedElementUtils;

/**
 * The edge of RabbitMQ listeners: methods with {@link RabbitListener}, methods with
 * {@link RabbitHandler} in such a class, and beans that are listeners themselves.
 */
public final class RabbitListenerEdge extends ListenerEdge {

	/**
	 * Create the edge.
	 * @param engine asked for at the first call
	 * @param keys finds the senders' keys
	 * @param canonicalizer digests the content of messages
	 */
	public RabbitListenerEdge(Supplier<IdempotencyEngine> engine, MessageKey keys, Canonicalizer canonicalizer) {
		super(engine, keys, canonicalizer);
	}

	@Override
	public boolean calls(Method method, Class<?> targetClass) {
		return AnnotatedElementUtils.hasAnnotation(method, RabbitListener.class)
				|| AnnotatedElementUtils.hasAnnotation(method, RabbitListeners.class)
				|| AnnotatedElementUtils.hasAnnotation(method, RabbitHandler.class)
				|| (MessageListener.class.isAssignableFrom(targetClass)
						&& (method.getName().equals("onMessage") || method.getName().equals("onMessageBatch")));
	}

}
