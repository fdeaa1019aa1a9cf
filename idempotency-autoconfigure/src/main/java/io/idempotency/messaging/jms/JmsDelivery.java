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

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

import io.idempotency.messaging.Recipient;
import io.idempotency.messaging.SingleDelivery;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;

import org.springframework.jms.support.JmsUtils;
import org.springframework.util.ClassUtils;

/**
 * A message on its way to a listener, which may acknowledge it or give it back by itself.
 */
final class JmsDelivery extends SingleDelivery {

	private final Message message;

	private final @Nullable Session transacted;

	private final boolean acknowledgedByListener;

	private boolean givenBack;

	/**
	 * Describe a delivery.
	 * @param recipient whom the container calls
	 * @param message the message
	 * @param transacted the session, if it has a transaction that only the container
	 * commits
	 * @param acknowledgedByListener whether the listener acknowledges the message
	 */
	JmsDelivery(Recipient recipient, Message message, @Nullable Session transacted, boolean acknowledgedByListener) {
		super(recipient, new JmsMessage(message));
		this.message = message;
		this.transacted = transacted;
		this.acknowledgedByListener = acknowledgedByListener;
	}

	@Override
	protected void calling(@Nullable Object[] arguments) {
		this.givenBack = false;
		for (int i = 0; i < arguments.length; i++) {
			if (arguments[i] instanceof Session session) {
				arguments[i] = watched(session);
			}
		}
	}

	private Session watched(Session session) {
		ClassLoader classLoader = JmsDelivery.class.getClassLoader();
		return (Session) Proxy.newProxyInstance(classLoader,
				ClassUtils.getAllInterfacesForClass(session.getClass(), classLoader), new Watch(session));
	}

	/**
	 * The commit takes the message off the queue, too. An answer, which the container has
	 * yet to send, needs it to come again.
	 */
	@Override
	protected void called(boolean answers) {
		if (this.transacted == null || answers || this.givenBack) {
			return;
		}
		try {
			this.transacted.commit();
		}
		catch (JMSException ex) {
			throw JmsUtils.convertJmsAccessException(ex);
		}
	}

	@Override
	protected void skipped(@Nullable Object[] arguments) throws JMSException {
		if (this.acknowledgedByListener) {
			this.message.acknowledge();
		}
	}

	@Override
	protected boolean givenBack() {
		return this.givenBack;
	}

	@Override
	protected boolean postpones(Throwable failure) {
		if (failure instanceof RuntimeException) {
			postpone(failure);
			return true;
		}
		return false;
	}

	/**
	 * The container's session, which tells of a rollback.
	 */
	private final class Watch implements InvocationHandler {

		private final Session session;

		private Watch(Session session) {
			this.session = session;
		}

		@Override
		public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args) throws Throwable {
			Object result;
			try {
				result = method.invoke(this.session, args);
			}
			catch (InvocationTargetException ex) {
				throw ex.getTargetException();
			}
			if (method.getName().equals("rollback") || method.getName().equals("recover")) {
				JmsDelivery.this.givenBack = true;
			}
			return result;
		}

	}

}
