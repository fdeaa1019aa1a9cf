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
import java.util.List;

import com.rabbitmq.client.Channel;
import io.idempotency.messaging.Delivery;
import io.idempotency.messaging.Hold;
import io.idempotency.messaging.Recipient;
import io.idempotency.messaging.Redelivery;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.ImmediateAcknowledgeAmqpException;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.MessageListenerContainer;
import org.springframework.aop.ProxyMethodInvocation;

/**
 * Goes around all other advice of a container, and delivers each message, or what the
 * listener gets together:
 * <ol>
 * <li>The message is shown to the edge while the rest of the chain and the listener are
 * called.
 * <li>Where the listener was not called, because somebody else is at work or the store
 * could not be asked, the chain sees a listener that returned: a retry counts nothing.
 * The message is {@linkplain Hold held} on this thread and the chain called again; to the
 * broker it is one delivery.
 * <li>If the hold ends without a call, the message is given back to its queue, past the
 * container's error handler.
 * <li>Where the listener was called and met such a failure itself, what it did is rolled
 * back and the message given back after a pause.
 * </ol>
 */
final class DeliveryAdvice implements MethodInterceptor {

	private final AbstractMessageListenerContainer container;

	private final Recipient recipient;

	private final boolean requeuing;

	private final boolean locallyTransacted;

	private final BatchParts parts = new BatchParts();

	DeliveryAdvice(AbstractMessageListenerContainer container, Recipient recipient) {
		this.container = container;
		this.recipient = recipient;
		this.requeuing = Reflection.<Boolean>call(AbstractMessageListenerContainer.class, "isDefaultRequeueRejected",
				container);
		this.locallyTransacted = container.isChannelTransacted()
				&& Reflection.get(AbstractMessageListenerContainer.class, "getTransactionManager", container) == null;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		@Nullable Object[] arguments = invocation.getArguments();
		if (invocation instanceof ProxyMethodInvocation repeatable && arguments.length == 2
				&& arguments[0] instanceof Channel channel) {
			if (arguments[1] instanceof Message message) {
				RabbitMessage described = this.parts.describe(message);
				repeatable.setArguments(channel, described.nativeMessage());
				deliver(repeatable, List.of(described),
						new RabbitDelivery(this.recipient, described, channel, settling(), this.locallyTransacted));
				return null;
			}
			if (arguments[1] instanceof List<?> list) {
				List<RabbitMessage> messages = list.stream()
					.map(Message.class::cast)
					.map(this.parts::describe)
					.toList();
				RabbitBatchDelivery delivery = new RabbitBatchDelivery(this.recipient, messages, channel,
						this.container.getAcknowledgeMode() == AcknowledgeMode.MANUAL, this.locallyTransacted);
				repeatable.setArguments(delivery.channel(), nativeMessages(messages));
				deliver(repeatable, messages, delivery);
				return null;
			}
		}
		return invocation.proceed();
	}

	private static List<Message> nativeMessages(List<RabbitMessage> messages) {
		return messages.stream().map(RabbitMessage::nativeMessage).toList();
	}

	private <D extends Delivery & Held> void deliver(ProxyMethodInvocation invocation, List<RabbitMessage> messages,
			D delivery) throws Throwable {
		Hold hold = new Hold(this.container::isActive);
		try {
			Throwable postponed = hold.deliver(delivery, () -> invocation.invocableClone().proceed());
			if (postponed != null) {
				this.parts.broken();
				giveBack(messages, delivery, postponed);
				return;
			}
			delivery.giveBackRest(this.requeuing);
		}
		catch (Exception ex) {
			this.parts.broken();
			if (Redelivery.after(ex) == null || decided(ex)) {
				giveBackRest(delivery, ex);
				throw ex;
			}
			hold.pause(ex);
			giveBack(messages, delivery, ex);
		}
	}

	/** The container is to see why the listener failed, whatever the broker says. */
	private void giveBackRest(Held delivery, Exception failure) {
		try {
			delivery.giveBackRest(this.requeuing);
		}
		catch (IOException | RuntimeException ex) {
			failure.addSuppressed(ex);
		}
	}

	/**
	 * Return what goes inside of all other advice. A listener that has to return a
	 * primitive value cannot return for nothing, so what it ends with ends here.
	 * @return the innermost advice
	 */
	static MethodInterceptor innermost() {
		return (invocation) -> {
			try {
				return invocation.proceed();
			}
			catch (Exception | Error ex) {
				Delivery delivery = Delivery.current();
				if (delivery instanceof RabbitDelivery && delivery.isPostponed()) {
					return null;
				}
				throw ex;
			}
		};
	}

	/** Whether somebody has decided already what becomes of the message. */
	private static boolean decided(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof AmqpRejectAndDontRequeueException || cause instanceof ImmediateAcknowledgeAmqpException
					|| cause instanceof RequeuedException) {
				return true;
			}
		}
		return false;
	}

	/** The later class for this exception is not in version 3. */
	@SuppressWarnings("removal")
	private static void giveBack(List<RabbitMessage> messages, Held delivery, Throwable cause) throws Exception {
		if (!delivery.giveBack()) {
			throw new org.springframework.amqp.rabbit.support.ListenerExecutionFailedException(RequeuedException.REASON,
					new RequeuedException(cause), nativeMessages(messages).toArray(Message[]::new));
		}
	}

	private RabbitDelivery.Settling settling() {
		if (this.container.getAcknowledgeMode() != AcknowledgeMode.MANUAL) {
			return RabbitDelivery.Settling.BY_CONTAINER;
		}
		// The type that a container returns is another in version 3
		Object listener = ((MessageListenerContainer) this.container).getMessageListener();
		return (listener instanceof MessageListener known && known.isAsyncReplies())
				? RabbitDelivery.Settling.BY_ADAPTER : RabbitDelivery.Settling.BY_LISTENER;
	}

}
