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

import io.idempotency.messaging.Hold;
import io.idempotency.messaging.Recipient;
import io.idempotency.messaging.Redelivery;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;

import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.SessionAwareMessageListener;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;

/**
 * Stands before the listener of a container, and shows it and the edge each message. JMS
 * counts each redelivery as an attempt, so a message whose listener is not to be called
 * now is {@linkplain Hold held} on this thread and offered again. If the hold ends
 * without a call, the container gets the failure and gives the message back.
 */
final class DeliveringListener implements SessionAwareMessageListener<Message> {

	private final AbstractMessageListenerContainer container;

	private final Object listener;

	private final Recipient recipient;

	DeliveringListener(AbstractMessageListenerContainer container, Object listener, Recipient recipient) {
		this.container = container;
		this.listener = listener;
		this.recipient = recipient;
	}

	Object listener() {
		return this.listener;
	}

	@Override
	public void onMessage(Message message, Session session) throws JMSException {
		JmsDelivery delivery = new JmsDelivery(this.recipient, message, isLocallyTransacted(session) ? session : null,
				acknowledgedByListener(session));
		Hold hold = new Hold(this.container::isRunning);
		try {
			Throwable postponed = hold.deliver(delivery, () -> callListener(message, session));
			if (postponed instanceof RuntimeException unchecked) {
				throw unchecked;
			}
		}
		catch (JMSException | RuntimeException ex) {
			if (Redelivery.after(ex) != null) {
				hold.pause(ex);
			}
			throw ex;
		}
	}

	@SuppressWarnings("unchecked")
	private void callListener(Message message, Session session) throws JMSException {
		if (this.listener instanceof SessionAwareMessageListener<?> aware) {
			((SessionAwareMessageListener<Message>) aware).onMessage(message, session);
		}
		else {
			((MessageListener) this.listener).onMessage(message);
		}
	}

	/** Nothing public tells whether somebody else ends the session's transaction. */
	private boolean isLocallyTransacted(Session session) {
		Method method = ReflectionUtils.findMethod(this.container.getClass(), "isSessionLocallyTransacted",
				Session.class);
		Assert.state(method != null, "Unknown version of Spring JMS: no method isSessionLocallyTransacted");
		ReflectionUtils.makeAccessible(method);
		return Boolean.TRUE.equals(ReflectionUtils.invokeMethod(method, this.container, session));
	}

	/** All modes but these wait for a call, which the container makes if it may. */
	private boolean acknowledgedByListener(Session session) throws JMSException {
		return switch (session.getAcknowledgeMode()) {
			case Session.SESSION_TRANSACTED, Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE -> false;
			default -> !this.container.isAcknowledgeAfterListener();
		};
	}

}
