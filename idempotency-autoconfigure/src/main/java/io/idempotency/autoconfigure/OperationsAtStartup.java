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

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.idempotency.engine.OperationSpec;
import io.idempotency.method.MethodOperation;
import io.idempotency.method.OperationScanner;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.NestedExceptionUtils;

/**
 * Checks all guarded methods when the application starts and prints what is guarded how.
 */
final class OperationsAtStartup implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(OperationsAtStartup.class);

	private final OperationScanner scanner;

	private final IdempotencyProperties properties;

	private final Stores stores;

	private final boolean slice;

	OperationsAtStartup(OperationScanner scanner, IdempotencyProperties properties, Stores stores, boolean slice) {
		this.scanner = scanner;
		this.properties = properties;
		this.stores = stores;
		this.slice = slice;
	}

	@Override
	public void afterSingletonsInstantiated() {
		List<MethodOperation> operations = this.scanner.scan();
		if (!this.slice) {
			refuseUnknownNames(operations);
			refuseUnknownStores();
		}
		if (operations.isEmpty()) {
			prepareDefaultStore();
		}
		else if (logger.isInfoEnabled()) {
			logger.info(table(operations));
		}
	}

	private void refuseUnknownNames(List<MethodOperation> operations) {
		Set<String> known = operations.stream()
			.map((operation) -> operation.spec().name())
			.collect(Collectors.toCollection(TreeSet::new));
		known.addAll(this.properties.web().routes().keySet());
		this.properties.operations().forEach((name, operation) -> {
			if (!operation.programmatic() && !known.contains(name)) {
				throw new UnknownOperationException(name, known);
			}
		});
	}

	/**
	 * Also those that no method uses: a wrong name would otherwise wait for the first
	 * call of the facade.
	 */
	private void refuseUnknownStores() {
		Stream
			.concat(Stream.ofNullable(this.properties.store()),
					this.properties.operations()
						.values()
						.stream()
						.flatMap((operation) -> Stream.ofNullable(operation.store())))
			.forEach(this.stores::refuseUnknown);
	}

	/**
	 * Nothing is annotated, but the facade may be called later: then a table should be
	 * there. What is wrong with a store is no failure as long as nobody needs one, which
	 * is known only of operations that are configured.
	 */
	private void prepareDefaultStore() {
		try {
			this.stores.apply(null);
		}
		catch (NoStoreException | SeveralStoresException ex) {
			logger.debug("Nothing is guarded: " + ex.getMessage());
		}
		catch (RuntimeException ex) {
			if (!this.properties.operations().isEmpty()) {
				throw ex;
			}
			logger.warn("Nothing is guarded yet, and no records could be kept: "
					+ NestedExceptionUtils.getMostSpecificCause(ex).getMessage());
		}
	}

	private static String table(List<MethodOperation> operations) {
		StringBuilder table = new StringBuilder("Idempotent operations:");
		String row = "%n  %-40s %-22s %-10s %-10s %-10s %-8s %s";
		table.append(row.formatted("operation", "key", "store", "mode", "ttl", "window", "if unknown"));
		for (MethodOperation operation : operations) {
			OperationSpec spec = operation.spec();
			table.append(row.formatted(spec.name(), operation.keyDescription(), spec.store().name(),
					spec.modeOfItsOwn().name().toLowerCase(Locale.ROOT), spec.ttl(),
					(spec.window() != null) ? spec.window() : "-", spec.onUnknown().name().toLowerCase(Locale.ROOT)));
		}
		return table.toString();
	}

}
