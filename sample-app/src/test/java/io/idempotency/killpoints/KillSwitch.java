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

package io.idempotency.killpoints;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.web.client.RestClient;

/**
 * Halts the JVM of the application that it is a bean of, right before or right after one
 * step of the first payment. The system property {@code killpoint} names it: {@code
 * before} or {@code after}, and the step. Steps are statements, the commit of the
 * transaction that inserted the payment, and the call to the gateway. Not in the
 * application's package, whose scan would find it.
 */
public final class KillSwitch implements BeanPostProcessor {

	/** What the JVM exits with. */
	public static final int EXIT_CODE = 86;

	private static final ThreadLocal<Boolean> INSERTED = ThreadLocal.withInitial(() -> false);

	private final String point = System.getProperty("killpoint", "");

	private final AtomicInteger claims = new AtomicInteger();

	private final AtomicInteger completions = new AtomicInteger();

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof DataSource dataSource) {
			return proxy(DataSource.class, dataSource, this::ofDataSource);
		}
		if (bean instanceof RestClient.Builder builder) {
			return builder.requestInterceptor((request, body, execution) -> {
				return step("charge", () -> execution.execute(request, body));
			});
		}
		return bean;
	}

	private @Nullable Object ofDataSource(Object target, Method method, Object[] arguments) throws Throwable {
		Object result = invoke(target, method, arguments);
		return (result instanceof Connection connection) ? proxy(Connection.class, connection, this::ofConnection)
				: result;
	}

	private @Nullable Object ofConnection(Object target, Method method, Object[] arguments) throws Throwable {
		if (method.getName().equals("commit") && INSERTED.get()) {
			return step("commit", () -> invoke(target, method, arguments));
		}
		Object result = invoke(target, method, arguments);
		if (result instanceof PreparedStatement statement) {
			String sql = (String) arguments[0];
			return proxy(PreparedStatement.class, statement, (it, call, values) -> ofStatement(it, call, values, sql));
		}
		return result;
	}

	private @Nullable Object ofStatement(Object target, Method method, Object[] arguments, String sql)
			throws Throwable {
		String step = method.getName().startsWith("execute") ? stepOf(sql) : null;
		return (step != null) ? step(step, () -> invoke(target, method, arguments)) : invoke(target, method, arguments);
	}

	private @Nullable String stepOf(String sql) {
		if (sql.contains("INSERT INTO idempotency_record")) {
			return "claim " + this.claims.incrementAndGet();
		}
		if (sql.contains("UPDATE idempotency_record") && sql.contains("payload = ?")) {
			return "completion " + this.completions.incrementAndGet();
		}
		if (sql.startsWith("insert into payment ")) {
			INSERTED.set(true);
			return "insert";
		}
		return null;
	}

	private <T extends @Nullable Object, E extends Throwable> T step(String step, Step<T, E> action) throws E {
		haltAt("before " + step);
		T result = action.run();
		haltAt("after " + step);
		return result;
	}

	private void haltAt(String reached) {
		if (reached.equals(this.point)) {
			Runtime.getRuntime().halt(EXIT_CODE);
		}
	}

	private static <T> T proxy(Class<T> type, T target, Handler handler) {
		InvocationHandler invocations = (proxy, method, arguments) -> {
			// The store finds the transaction by the DataSource: a proxy equals itself
			if (method.getName().equals("equals")) {
				return proxy == arguments[0];
			}
			return handler.handle(target, method, (arguments != null) ? arguments : new Object[0]);
		};
		return type
			.cast(Proxy.newProxyInstance(KillSwitch.class.getClassLoader(), new Class<?>[] { type }, invocations));
	}

	private static @Nullable Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getCause();
		}
	}

	@FunctionalInterface
	private interface Handler {

		@Nullable Object handle(Object target, Method method, Object[] arguments) throws Throwable;

	}

	@FunctionalInterface
	private interface Step<T extends @Nullable Object, E extends Throwable> {

		T run() throws E;

	}

}
