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

package io.idempotency.store.sql;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Writes down the statements that are executed through it.
 */
class StatementCounter extends DelegatingDataSource {

	private final List<String> executed = Collections.synchronizedList(new ArrayList<>());

	StatementCounter(DataSource target) {
		super(target);
	}

	/** Return what was executed since the last call. */
	List<String> take() {
		List<String> taken = List.copyOf(this.executed);
		this.executed.clear();
		return taken;
	}

	@Override
	public Connection getConnection() throws java.sql.SQLException {
		Connection connection = super.getConnection();
		return proxy(Connection.class, (proxy, method, args) -> {
			Object result = invoke(connection, method, args);
			return (result instanceof PreparedStatement statement) ? counted(statement, (String) args[0]) : result;
		});
	}

	/** Let a statement be executed. */
	protected Object execute(Execution execution) throws Throwable {
		return execution.proceed();
	}

	private PreparedStatement counted(PreparedStatement statement, String sql) {
		return proxy(PreparedStatement.class, (proxy, method, args) -> {
			if (method.getName().startsWith("execute")) {
				this.executed.add(sql);
				return execute(() -> invoke(statement, method, args));
			}
			return invoke(statement, method, args);
		});
	}

	private static Object invoke(Object target, java.lang.reflect.Method method, Object[] args) throws Throwable {
		try {
			return method.invoke(target, args);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	private static <T> T proxy(Class<T> type, InvocationHandler handler) {
		return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, handler));
	}

	/** A statement that is about to be executed. */
	@FunctionalInterface
	interface Execution {

		Object proceed() throws Throwable;

	}

}
