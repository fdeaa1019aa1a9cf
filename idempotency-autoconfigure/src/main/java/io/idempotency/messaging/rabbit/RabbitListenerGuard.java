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

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.idempotency.engine.InvalidOperationException;
import io.idempotency.messaging.ContainerGuard;
import io.idempotency.messaging.ListenerOperations;
import io.idempotency.messaging.Recipient;
import io.idempotency.method.MethodOperation;
import io.idempotency.method.MethodOperations;
import org.aopalliance.aop.Advice;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.rabbit.config.RabbitListenerConfigUtils;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.MessageListenerContainer;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.amqp.rabbit.listener.adapter.MessagingMessageListenerAdapter;
import org.springframework.context.ApplicationContext;
import org.springframework.util.Assert;
import org.springframework.util.ObjectUtils;

/**
 * Puts the guard's parts into the containers of RabbitMQ listeners before anything is
 * started, around whatever the application has put there. A container that is made later
 * is to be {@linkplain #guard guarded} before it is started.
 */
public final class RabbitListenerGuard extends ContainerGuard<AbstractMessageListenerContainer> {

	private static final Log logger = LogFactory.getLog(RabbitListenerGuard.class);

	private static final String REGISTRY = RabbitListenerConfigUtils.RABBIT_LISTENER_ENDPOINT_REGISTRY_BEAN_NAME;

	private final ListenerOperations operations;

	/**
	 * Create the guard.
	 * @param edge knows listeners
	 * @param operations finds the operation of a listener
	 */
	public RabbitListenerGuard(RabbitListenerEdge edge, Supplier<MethodOperations> operations) {
		this.operations = new ListenerOperations(edge, operations);
	}

	/** The type of what a registry has is another in version 3. */
	@Override
	protected Collection<AbstractMessageListenerContainer> containersOf(ApplicationContext context) {
		List<Object> all = new ArrayList<>(
				context.getBeansOfType(AbstractMessageListenerContainer.class, false, false).values());
		if (context.containsBean(REGISTRY)) {
			Collection<?> registered = context.getBean(REGISTRY, RabbitListenerEndpointRegistry.class)
				.getListenerContainers();
			all.addAll(registered);
		}
		return all.stream()
			.filter(AbstractMessageListenerContainer.class::isInstance)
			.map(AbstractMessageListenerContainer.class::cast)
			.toList();
	}

	@Override
	protected List<MethodOperation> operationsOf(AbstractMessageListenerContainer container) {
		// The type that a container returns is another in version 3
		Object listener = ListenerOperations.innermost(((MessageListenerContainer) container).getMessageListener());
		if (!(listener instanceof MessagingMessageListenerAdapter)) {
			return (listener != null) ? this.operations.of(listener, null) : List.of();
		}
		Object handler = Reflection.call(MessagingMessageListenerAdapter.class, "getHandlerAdapter", listener);
		return this.operations.of(Reflection.call(handler.getClass(), "getBean", handler),
				ListenerOperations.invokedBy(handler));
	}

	@Override
	protected String subscriptionOf(AbstractMessageListenerContainer container) {
		return text(new TreeSet<>(List.of(container.getQueueNames())));
	}

	/**
	 * The names that Spring and the broker make up for queues are those of one instance.
	 */
	@Override
	protected @Nullable String instanceOf(AbstractMessageListenerContainer container) {
		boolean madeUp = Stream.of(container.getQueueNames())
			.anyMatch((queue) -> queue.startsWith("spring.gen-") || queue.startsWith("amq.gen-"));
		return madeUp ? subscriptionOf(container) : null;
	}

	/**
	 * Guard a container. Does nothing to one that is guarded already, and nothing to one
	 * that is not made for the protocol AMQP 0-9-1.
	 * @param container the container, which is not running
	 * @throws InvalidOperationException if its listener cannot work with it
	 */
	public void guard(MessageListenerContainer container) {
		if (container instanceof AbstractMessageListenerContainer known) {
			guardOne(known);
		}
	}

	@Override
	protected void guard(AbstractMessageListenerContainer container, List<MethodOperation> operations,
			Recipient recipient) {
		RabbitContainerCheck.check(container, operations);
		decorate(container, recipient);
	}

	/**
	 * The advice is read when a container is initialized, which is done again at its next
	 * start if it was shut down.
	 */
	private void decorate(AbstractMessageListenerContainer container, Recipient recipient) {
		Advice[] advice = Reflection.call(AbstractMessageListenerContainer.class, "getAdviceChain", container);
		if (advice.length > 0 && advice[0] instanceof DeliveryAdvice) {
			return;
		}
		Assert.state(!container.isRunning(),
				() -> "Container '" + container.getListenerId() + "' is running and can no longer be guarded");
		Advice[] extended = new Advice[advice.length + 2];
		extended[0] = new DeliveryAdvice(container, recipient);
		System.arraycopy(advice, 0, extended, 1, advice.length);
		extended[advice.length + 1] = DeliveryAdvice.innermost();
		container.setAdviceChain(extended);
		container.setErrorHandler(new RequeueingErrorHandler(container.getErrorHandler()));
		container.shutdown();
		if (container.getAcknowledgeMode() == AcknowledgeMode.NONE) {
			logger.warn("Container '" + container.getListenerId() + "' (queues "
					+ ObjectUtils.nullSafeToString(container.getQueueNames()) + ") acknowledges nothing, so that the "
					+ "broker forgets each message when it sends it: a message that waits for somebody else's work is "
					+ "lost when the application stops. Use the acknowledge mode AUTO");
		}
	}

}
