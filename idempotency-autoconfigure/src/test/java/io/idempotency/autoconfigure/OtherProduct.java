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

package io.idempotency.autoconfigure;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Map;

import javax.sql.DataSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Lets the application's database say of itself what it is not, by default that it is a
 * product that the store has no statements for.
 */
class OtherProduct implements BeanPostProcessor {

	static final String NAME = "HSQL Database Engine";

	private final Map<String, Object> answers;

	OtherProduct() {
		this(Map.of("getDatabaseProductName", NAME));
	}

	OtherProduct(Map<String, Object> answers) {
		this.answers = answers;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return (bean instanceof DataSource dataSource) ? new Renamed(dataSource, this.answers) : bean;
	}

	private static final class Renamed extends DelegatingDataSource {

		private final Map<String, Object> answers;

		Renamed(DataSource target, Map<String, Object> answers) {
			super(target);
			this.answers = answers;
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			return proxy(Connection.class, connection);
		}

		private <T> T proxy(Class<T> type, T target) {
			return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
					(proxy, method, arguments) -> {
						if (this.answers.containsKey(method.getName())) {
							return this.answers.get(method.getName());
						}
						try {
							Object result = method.invoke(target, arguments);
							return (result instanceof DatabaseMetaData metaData)
									? proxy(DatabaseMetaData.class, metaData) : result;
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					}));
		}

	}

}
