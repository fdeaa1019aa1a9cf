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

package io.idempotency.autoconfigure.transactions;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Lends connections whose next commit can be made to go wrong, and lets somebody look
 * right after each commit.
 */
final class FaultyCommits extends DelegatingDataSource {

	private volatile Runnable observer = () -> {
	};

	FaultyCommits(DataSource target) {
		super(target);
	}

	@Override
	public Connection getConnection() throws SQLException {
		return (Connection) Proxy.newProxyInstance(FaultyCommits.class.getClassLoader(),
				new Class<?>[] { Connection.class, Armed.class }, new Lent(super.getConnection())::invoke);
	}

	/**
	 * Set who looks.
	 * @param observer called after each commit and each rollback, before anybody else
	 * knows of it
	 */
	void observeEnds(Runnable observer) {
		this.observer = observer;
	}

	/**
	 * How a commit goes wrong.
	 */
	enum Fault {

		/** The database says no; the connection lives on. */
		REFUSED,

		/** The connection breaks before the database heard of the commit. */
		BROKEN_BEFORE,

		/** The connection breaks after the database committed. */
		BROKEN_AFTER

	}

	/**
	 * What every lent connection is, too.
	 */
	interface Armed {

		/**
		 * Let the next commit of this connection go wrong.
		 * @param fault how
		 */
		void arm(Fault fault);

	}

	private final class Lent {

		private static final Set<String> OF_A_BROKEN_CONNECTION = Set.of("close", "isClosed", "equals", "hashCode",
				"toString", "unwrap", "isWrapperFor");

		private final Connection target;

		private Fault fault;

		private boolean broken;

		private Lent(Connection target) {
			this.target = target;
		}

		private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
			switch (method.getName()) {
				case "arm" -> {
					this.fault = (Fault) arguments[0];
					return null;
				}
				case "equals" -> {
					return proxy == arguments[0];
				}
				case "commit" -> {
					commit();
					return null;
				}
			}
			if (this.broken && !OF_A_BROKEN_CONNECTION.contains(method.getName())) {
				throw broke();
			}
			Object result = passOn(method, arguments);
			if (method.getName().equals("rollback") && arguments == null) {
				FaultyCommits.this.observer.run();
			}
			return result;
		}

		private Object passOn(Method method, Object[] arguments) throws Throwable {
			try {
				return method.invoke(this.target, arguments);
			}
			catch (InvocationTargetException ex) {
				throw ex.getTargetException();
			}
		}

		private void commit() throws SQLException {
			if (this.broken) {
				throw broke();
			}
			Fault now = this.fault;
			this.fault = null;
			if (now == null || now == Fault.BROKEN_AFTER) {
				this.target.commit();
			}
			else {
				this.target.rollback();
			}
			FaultyCommits.this.observer.run();
			if (now == Fault.REFUSED) {
				throw new SQLException("could not serialize access", "40001");
			}
			if (now != null) {
				this.broken = true;
				throw broke();
			}
		}

		private static SQLException broke() {
			return new SQLException("the connection broke", "08006");
		}

	}

}
