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

package io.idempotency.autoconfigure.endtoend;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Writes down what an instance sends to its database: the verbs of its statements, with
 * the word {@code record} if they are on the table of the records, and the ends of
 * transactions that are not implied by autocommit.
 */
public class StatementLog implements BeanPostProcessor {

	private final List<String> sent = new CopyOnWriteArrayList<>();

	/** Return what was sent since the last call. */
	public List<String> take() {
		List<String> taken = List.copyOf(this.sent);
		this.sent.clear();
		return taken;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return (bean instanceof DataSource dataSource) ? new Logged(dataSource) : bean;
	}

	private <T> T logged(Class<T> type, T target, String sql) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, arguments) -> {
				String text = (arguments != null && arguments[0] instanceof String first) ? first : sql;
				if (method.getName().startsWith("execute")) {
					this.sent.add(inShort(text));
				}
				else if (List.of("commit", "rollback").contains(method.getName())) {
					this.sent.add(method.getName());
				}
				try {
					Object result = method.invoke(target, arguments);
					return (result instanceof Statement statement) ? logged(statement, method.getReturnType(), text)
							: result;
				}
				catch (InvocationTargetException ex) {
					throw ex.getTargetException();
				}
			}));
	}

	private <T> T logged(Statement statement, Class<T> type, String sql) {
		return logged(type, type.cast(statement), sql);
	}

	private static String inShort(String sql) {
		String verb = sql.strip().split("\\s+")[0].toLowerCase(Locale.ROOT);
		return verb + (sql.contains("idempotency_record") ? " record" : "");
	}

	private final class Logged extends DelegatingDataSource {

		Logged(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			return logged(Connection.class, super.getConnection(), "");
		}

	}

}
