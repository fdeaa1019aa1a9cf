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

import java.util.Collection;
import java.util.function.Supplier;

import io.idempotency.engine.InvalidOperationException;
import io.idempotency.messaging.ContainerGuard;
import io.idempotency.method.MethodOperations;
import org.aopalliance.aop.Advice;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.rabbit.config.RabbitListenerConfigUtils;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.MessageListenerContainer;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.context.ApplicationContext;
import org.springframework.util.Assert;
import org.springframework.util.ObjectUtils;

/**
 * Puts the guard's parts into the containers of RabbitMQ listeners before anything is
 * started, around whatever the application has put there. A container that is made later
 * is to be {@linkplain #guard guarded} before it is started.
 */
public final class RabbitListenerGuard extends ContainerGuard {

	private static final Log logger = LogFactory.getLog(RabbitListenerGuard.class);

	private static final String REGISTRY = RabbitListenerConfigUtils.RABBIT_LISTENER_ENDPOINT_REGISTRY_BEAN_NAME;

	private final RabbitContainerCheck check;

	/**
	 * Create the guard.
	 * @param operations finds the operation of a listener
	 */
	public RabbitListenerGuard(Supplier<MethodOperations> operations) {
		this.check = new RabbitContainerCheck(operations);
	}

	@Override
	protected void guardContainersOf(ApplicationContext context) {
		guardAll(context.getBeansOfType(AbstractMessageListenerContainer.class, false, false).values());
		if (context.containsBean(REGISTRY)) {
			guardAll(context.getBean(REGISTRY, RabbitListenerEndpointRegistry.class).getListenerContainers());
		}
	}

	/** The type of what a registry has is another in version 3. */
	private void guardAll(Collection<?> containers) {
		for (Object container : containers) {
			if (container instanceof MessageListenerContainer known) {
				guard(known);
			}
		}
	}

	/**
	 * Guard a container. Does nothing to one that is guarded already, and nothing to one
	 * that is not made for the protocol AMQP 0-9-1.
	 * @param container the container, which is not running
	 * @throws InvalidOperationException if its listener cannot work with it
	 */
	public void guard(MessageListenerContainer container) {
		if (container instanceof AbstractMessageListenerContainer known) {
			this.check.check(known);
			decorate(known);
		}
	}

	/**
	 * The advice is read when a container is initialized, which is done again at its next
	 * start if it was shut down.
	 */
	private void decorate(AbstractMessageListenerContainer container) {
		Advice[] advice = Reflection.call(AbstractMessageListenerContainer.class, "getAdviceChain", container);
		if (advice.length > 0 && advice[0] instanceof DeliveryAdvice) {
			return;
		}
		Assert.state(!container.isRunning(),
				() -> "Container '" + container.getListenerId() + "' is running and can no longer be guarded");
		Advice[] extended = new Advice[advice.length + 2];
		extended[0] = new DeliveryAdvice(container);
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
