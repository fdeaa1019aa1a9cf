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
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.web.client.RestClient;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Holds requests to the application that it is a bean of, right before or right after one
 * step, for good: what comes next is the death of the JVM. A request names its point in a
 * header: {@code before} or {@code after}, and the step. Steps are statements, commits of
 * the transactions that inserted the payment, the profile or what an order takes, and
 * calls to the gateway or the CRM. Not in the application's package, whose scan would
 * find it.
 */
public final class HeldSteps implements BeanPostProcessor {

	/** The header that names the point. */
	public static final String POINT = "Held-At";

	/** What is printed in front of a point when a request has reached it. */
	public static final String REACHED = "A request is held ";

	private static final Map<String, String> INSERTS = Map.of("insert into payment ", "insert", "insert into profile ",
			"insert", "insert into stock_booking ", "booking", "insert into delivery ", "delivery");

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof DataSource dataSource) {
			return proxy(DataSource.class, dataSource, this::ofDataSource);
		}
		if (bean instanceof RestClient.Builder builder) {
			return builder.requestInterceptor((request, body, execution) -> {
				Steps steps = Steps.ofThisRequest();
				return (steps != null) ? steps.take(callOf(request), () -> execution.execute(request, body))
						: execution.execute(request, body);
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
		Steps steps = Steps.ofThisRequest();
		if (steps == null) {
			return invoke(target, method, arguments);
		}
		if (method.getName().equals("commit") && steps.inserted()) {
			return steps.take("commit", () -> invoke(target, method, arguments));
		}
		Object result = invoke(target, method, arguments);
		if (result instanceof PreparedStatement statement) {
			String step = stepOf((String) arguments[0]);
			return (step != null) ? proxy(PreparedStatement.class, statement,
					(it, call, values) -> ofStatement(it, call, values, steps, step)) : statement;
		}
		return result;
	}

	private static String callOf(HttpRequest request) {
		if (HttpMethod.PUT.equals(request.getMethod())) {
			return "update";
		}
		return request.getURI().getPath().endsWith("/refunds") ? "refund" : "charge";
	}

	private static @Nullable String stepOf(String sql) {
		if (sql.contains("INSERT INTO idempotency_record")) {
			return "claim";
		}
		if (sql.contains("UPDATE idempotency_record") && sql.contains("payload = ?")) {
			return "completion";
		}
		if (sql.contains("UPDATE idempotency_record") && sql.contains("payload = COALESCE")) {
			return "checkpoint";
		}
		return INSERTS.entrySet()
			.stream()
			.filter((insert) -> sql.startsWith(insert.getKey()))
			.map(Map.Entry::getValue)
			.findFirst()
			.orElse(null);
	}

	private static @Nullable Object ofStatement(Object target, Method method, Object[] arguments, Steps steps,
			String step) throws Throwable {
		return method.getName().startsWith("execute") ? steps.take(step, () -> invoke(target, method, arguments))
				: invoke(target, method, arguments);
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
			.cast(Proxy.newProxyInstance(HeldSteps.class.getClassLoader(), new Class<?>[] { type }, invocations));
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

	/**
	 * The steps of one request, all of them taken by its thread.
	 */
	private static final class Steps {

		private final Map<String, Integer> taken = new HashMap<>();

		private final String point;

		private Steps(String point) {
			this.point = point;
		}

		static @Nullable Steps ofThisRequest() {
			if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)) {
				return null;
			}
			HttpServletRequest request = attributes.getRequest();
			Object steps = request.getAttribute(Steps.class.getName());
			String point = request.getHeader(POINT);
			if (steps == null && point != null) {
				steps = new Steps(point);
				request.setAttribute(Steps.class.getName(), steps);
			}
			return (Steps) steps;
		}

		boolean inserted() {
			return this.taken.containsKey("insert") || this.taken.containsKey("booking");
		}

		<T extends @Nullable Object, E extends Throwable> T take(String kind, Step<T, E> action) throws E {
			String step = kind + " " + this.taken.merge(kind, 1, Integer::sum);
			holdAt("before " + step);
			T result = action.run();
			holdAt("after " + step);
			return result;
		}

		private void holdAt(String reached) {
			if (!reached.equals(this.point)) {
				return;
			}
			System.out.println(REACHED + reached);
			while (true) {
				LockSupport.park(this);
			}
		}

	}

}
