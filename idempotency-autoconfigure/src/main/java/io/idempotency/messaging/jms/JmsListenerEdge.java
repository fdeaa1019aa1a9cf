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

package io.idempotency.messaging.jms;

import java.lang.reflect.Method;
import java.util.function.Supplier;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.key.Canonicalizer;
import io.idempotency.messaging.ListenerEdge;
import io.idempotency.messaging.MessageKey;
import jakarta.jms.MessageListener;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.annotation.JmsListeners;
import org.springframework.jms.listener.SessionAwareMessageListener;

/**
 * The edge of JMS listeners: methods with {@link JmsListener}, and beans that are
 * listeners themselves.
 */
public final class JmsListenerEdge extends ListenerEdge {

	/**
	 * Create the edge.
	 * @param engine asked for at the first call
	 * @param keys finds the senders' keys
	 * @param canonicalizer digests the content of messages
	 */
	public JmsListenerEdge(Supplier<IdempotencyEngine> engine, MessageKey keys, Canonicalizer canonicalizer) {
		super(engine, keys, canonicalizer);
	}

	@Override
	public boolean calls(Method method, Class<?> targetClass) {
		return AnnotatedElementUtils.hasAnnotation(method, JmsListener.class)
				|| AnnotatedElementUtils.hasAnnotation(method, JmsListeners.class)
				|| (method.getName().equals("onMessage") && (MessageListener.class.isAssignableFrom(targetClass)
						|| SessionAwareMessageListener.class.isAssignableFrom(targetClass)));
	}

}
