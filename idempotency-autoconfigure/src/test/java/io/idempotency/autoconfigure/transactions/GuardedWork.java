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

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Modifier;

import io.idempotency.Idempotent;
import io.idempotency.OnUnknown;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.annotation.AnnotationDescription;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.loading.ClassLoadingStrategy;
import net.bytebuddy.implementation.MethodCall;

import org.springframework.transaction.annotation.Transactional;

/**
 * A guarded method. There is a subclass of it for each combination of attributes, which
 * overrides the method with nothing but annotations.
 */
public class GuardedWork {

	private final Ledger ledger;

	public GuardedWork(Ledger ledger) {
		this.ledger = ledger;
	}

	public String pay(String key) throws Exception {
		return this.ledger.enter(key);
	}

	/**
	 * Make the subclass for the attributes of a cell.
	 * @param cell has the attributes
	 * @param onUnknown the policy
	 * @return a class with an annotated method
	 */
	static Class<? extends GuardedWork> like(Cell cell, OnUnknown onUnknown) {
		try {
			DynamicType.Builder<GuardedWork> type = new ByteBuddy().subclass(GuardedWork.class)
				.name(GuardedWork.class.getName() + "_" + cell.operation(onUnknown).replace('-', '_'));
			var method = type.defineMethod("pay", String.class, Modifier.PUBLIC)
				.withParameter(String.class, "key")
				.throwing(Exception.class)
				.intercept(MethodCall.invoke(GuardedWork.class.getMethod("pay", String.class))
					.onSuper()
					.withAllArguments());
			AnnotationDescription idempotent = AnnotationDescription.Builder.ofType(Idempotent.class)
				.define("key", "#key")
				.define("operation", cell.operation(onUnknown))
				.define("transaction", cell.mode())
				.define("onUnknown", onUnknown)
				.build();
			return ((cell.propagation() != null) ? method.annotateMethod(idempotent, transactional(cell))
					: method.annotateMethod(idempotent))
				.make()
				.load(GuardedWork.class.getClassLoader(), ClassLoadingStrategy.UsingLookup.of(MethodHandles.lookup()))
				.getLoaded();
		}
		catch (NoSuchMethodException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static AnnotationDescription transactional(Cell cell) {
		AnnotationDescription.Builder builder = AnnotationDescription.Builder.ofType(Transactional.class)
			.define("propagation", cell.propagation())
			.define("isolation", cell.isolation());
		if (cell.opens()) {
			builder = builder.define("timeout", 30);
		}
		if (cell.rule() == Cell.Rule.REVERSED) {
			builder = builder.defineTypeArray("noRollbackFor", Ledger.Declined.class)
				.defineTypeArray("rollbackFor", Ledger.Rejected.class);
		}
		return builder.build();
	}

}
