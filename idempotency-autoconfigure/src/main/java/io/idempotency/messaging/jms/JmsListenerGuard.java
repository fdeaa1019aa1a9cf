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

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.idempotency.messaging.ContainerGuard;
import io.idempotency.messaging.ListenerOperations;
import io.idempotency.messaging.Recipient;
import io.idempotency.method.MethodOperation;
import io.idempotency.method.MethodOperations;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.jms.config.JmsListenerConfigUtils;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.MessageListenerContainer;
import org.springframework.jms.listener.adapter.MessagingMessageListenerAdapter;
import org.springframework.messaging.handler.invocation.InvocableHandlerMethod;
import org.springframework.util.Assert;

/**
 * Puts the guard's part before the listener of each container of JMS listeners before
 * anything is started. A container that is made later is to be {@linkplain #guard
 * guarded} before it is started.
 */
public final class JmsListenerGuard extends ContainerGuard<AbstractMessageListenerContainer> {

	private static final String REGISTRY = JmsListenerConfigUtils.JMS_LISTENER_ENDPOINT_REGISTRY_BEAN_NAME;

	private final ListenerOperations operations;

	/**
	 * Create the guard.
	 * @param edge knows listeners
	 * @param operations finds the operation of a listener
	 */
	public JmsListenerGuard(JmsListenerEdge edge, Supplier<MethodOperations> operations) {
		this.operations = new ListenerOperations(edge, operations);
	}

	@Override
	protected Collection<AbstractMessageListenerContainer> containersOf(ApplicationContext context) {
		List<AbstractMessageListenerContainer> containers = new ArrayList<>(
				context.getBeansOfType(AbstractMessageListenerContainer.class, false, false).values());
		if (context.containsBean(REGISTRY)) {
			for (MessageListenerContainer container : context.getBean(REGISTRY, JmsListenerEndpointRegistry.class)
				.getListenerContainers()) {
				if (container instanceof AbstractMessageListenerContainer known) {
					containers.add(known);
				}
			}
		}
		return containers;
	}

	@Override
	protected List<MethodOperation> operationsOf(AbstractMessageListenerContainer container) {
		Object listener = container.getMessageListener();
		Object innermost = ListenerOperations
			.innermost((listener instanceof DeliveringListener guarded) ? guarded.listener() : listener);
		if (!(innermost instanceof MessagingMessageListenerAdapter)) {
			return (innermost != null) ? this.operations.of(innermost, null) : List.of();
		}
		InvocableHandlerMethod invoked = ListenerOperations.field(innermost, InvocableHandlerMethod.class);
		return (invoked != null) ? this.operations.of(invoked.getBean(), invoked.getMethod()) : List.of();
	}

	/**
	 * Of a queue, each message goes to one consumer only, whatever these select. Of a
	 * topic, each subscription gets it.
	 */
	@Override
	protected String subscriptionOf(AbstractMessageListenerContainer container) {
		String destination = String.valueOf(container.getDestination());
		if (container.getDestinationName() != null) {
			destination = container.getDestinationName();
		}
		if (!container.isPubSubDomain()) {
			return text(List.of(destination));
		}
		return text(Stream
			.of(destination, container.getClientId(), container.getSubscriptionName(), container.getMessageSelector())
			.map(String::valueOf)
			.toList());
	}

	/**
	 * A topic's subscription that is neither durable nor shared is the connection's. A
	 * client id is used by one connection at a time.
	 */
	@Override
	protected @Nullable String instanceOf(AbstractMessageListenerContainer container) {
		boolean shared = !container.isPubSubDomain() || container.isSubscriptionDurable()
				|| container.isSubscriptionShared();
		if (shared) {
			return null;
		}
		String subscription = subscriptionOf(container);
		return (container.getClientId() != null) ? subscription
				: text(List.of(subscription, UUID.randomUUID().toString()));
	}

	/**
	 * Guard a container. Does nothing to one that is guarded already, and nothing to the
	 * endpoint of a resource adapter, whose threads it does not know.
	 * @param container the container, which has its listener and is not running
	 */
	public void guard(MessageListenerContainer container) {
		if (container instanceof AbstractMessageListenerContainer known) {
			guardOne(known);
		}
	}

	@Override
	protected void guard(AbstractMessageListenerContainer container, List<MethodOperation> operations,
			Recipient recipient) {
		Object listener = container.getMessageListener();
		if (listener != null && !(listener instanceof DeliveringListener)) {
			Assert.state(!container.isRunning(), "A container that is running can no longer be guarded");
			container.setMessageListener(new DeliveringListener(container, listener, recipient));
		}
	}

}
