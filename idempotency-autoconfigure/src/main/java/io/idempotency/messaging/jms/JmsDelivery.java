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

import io.idempotency.messaging.Delivery;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * A message on its way to a listener, which may acknowledge it or give it back by itself.
 */
final class JmsDelivery extends Delivery {

	private final Message message;

	private final boolean acknowledgedByListener;

	private boolean givenBack;

	private @Nullable RuntimeException postponed;

	JmsDelivery(Message message, boolean acknowledgedByListener) {
		super(new JmsMessage(message));
		this.message = message;
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
		if (failure instanceof RuntimeException unchecked) {
			this.postponed = unchecked;
			return true;
		}
		return false;
	}

	/**
	 * Return why the listener was not called by the last attempt to do so, and forget it.
	 * @return the failure that the container did not see, or {@code null}
	 */
	@Nullable RuntimeException takePostponed() {
		RuntimeException failure = this.postponed;
		this.postponed = null;
		return failure;
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
