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

import io.idempotency.messaging.ContainerGuard;

import org.springframework.context.ApplicationContext;
import org.springframework.jms.config.JmsListenerConfigUtils;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.MessageListenerContainer;
import org.springframework.util.Assert;

/**
 * Puts the guard's part before the listener of each container of JMS listeners before
 * anything is started. A container that is made later is to be {@linkplain #guard
 * guarded} before it is started.
 */
public final class JmsListenerGuard extends ContainerGuard {

	private static final String REGISTRY = JmsListenerConfigUtils.JMS_LISTENER_ENDPOINT_REGISTRY_BEAN_NAME;

	@Override
	protected void guardContainersOf(ApplicationContext context) {
		context.getBeansOfType(AbstractMessageListenerContainer.class, false, false).values().forEach(this::guard);
		if (context.containsBean(REGISTRY)) {
			context.getBean(REGISTRY, JmsListenerEndpointRegistry.class).getListenerContainers().forEach(this::guard);
		}
	}

	/**
	 * Guard a container. Does nothing to one that is guarded already, and nothing to the
	 * endpoint of a resource adapter, whose threads it does not know.
	 * @param container the container, which has its listener and is not running
	 */
	public void guard(MessageListenerContainer container) {
		if (container instanceof AbstractMessageListenerContainer known) {
			Object listener = known.getMessageListener();
			if (listener != null && !(listener instanceof DeliveringListener)) {
				Assert.state(!known.isRunning(), "A container that is running can no longer be guarded");
				known.setMessageListener(new DeliveringListener(known, listener));
			}
		}
	}

}
