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

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.idempotency.store.IdempotencyStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;

/**
 * Finds the store of an operation among the store beans, and prepares it before its first
 * use.
 */
final class Stores implements Function<@Nullable String, IdempotencyStore> {

	private static final Log logger = LogFactory.getLog(Stores.class);

	private static final String MEMORY = "memory";

	private static final String BEAN_NAME_SUFFIX = "IdempotencyStore";

	/** Their names are known without creating them, which may take a database. */
	private static final Map<String, String> OURS = Stream.of("redis", "jpa", "jdbc", MEMORY)
		.collect(Collectors.toUnmodifiableMap((name) -> name + BEAN_NAME_SUFFIX, Function.identity()));

	private final ListableBeanFactory beanFactory;

	private final @Nullable String defaultName;

	private final boolean memoryIfMissing;

	private final List<StorePrecedence> precedence;

	private final List<StorePreparation> preparations;

	private final Map<IdempotencyStore, Boolean> prepared = new ConcurrentHashMap<>();

	private final Map<String, IdempotencyStore> found = new ConcurrentHashMap<>();

	private volatile @Nullable IdempotencyStore foundWithoutName;

	Stores(ListableBeanFactory beanFactory, @Nullable String defaultName, boolean memoryIfMissing,
			List<StorePrecedence> precedence, List<StorePreparation> preparations) {
		this.beanFactory = beanFactory;
		this.defaultName = defaultName;
		this.memoryIfMissing = memoryIfMissing;
		this.precedence = precedence;
		this.preparations = preparations;
	}

	@Override
	public IdempotencyStore apply(@Nullable String name) {
		String wanted = (name != null) ? name : this.defaultName;
		IdempotencyStore store = (wanted != null) ? this.found.get(wanted) : this.foundWithoutName;
		return (store != null) ? store : find(wanted);
	}

	/**
	 * Refuse a name that is configured and stands for no store, without preparing the
	 * store. A test slice leaves out stores, so there is nothing to tell from it.
	 * @param name the name
	 * @throws UnknownStoreException if there is no such store and this is no slice
	 */
	void refuseUnknown(String name) {
		if (!this.memoryIfMissing && beanName(name) == null && calling(name).size() != 1) {
			throw new UnknownStoreException(name, names());
		}
	}

	/**
	 * Return the stores that something uses.
	 * @return the stores that were prepared
	 */
	Set<IdempotencyStore> inUse() {
		return Set.copyOf(this.prepared.keySet());
	}

	/**
	 * Find and prepare, and keep what is ready: the facade asks at every call.
	 */
	private IdempotencyStore find(@Nullable String wanted) {
		IdempotencyStore store = (wanted != null) ? named(wanted) : only();
		this.prepared.computeIfAbsent(store, this::prepare);
		if (wanted != null) {
			this.found.put(wanted, store);
		}
		else {
			this.foundWithoutName = store;
		}
		return store;
	}

	/**
	 * Look by bean name first, so that a store nobody uses is not even created: its
	 * database may be one that the library does not know.
	 */
	private IdempotencyStore named(String name) {
		String beanName = beanName(name);
		if (beanName != null) {
			return bean(beanName);
		}
		List<String> matches = calling(name);
		if (matches.size() == 1) {
			return bean(matches.get(0));
		}
		if (matches.isEmpty() && this.memoryIfMissing && !name.equals(MEMORY)) {
			logger.warn("This test slice has no store '" + name + "': its idempotency records are kept in memory. "
					+ "The application does not start with a name that is not there; here are " + names());
			return named(MEMORY);
		}
		throw new UnknownStoreException(name, names());
	}

	private @Nullable String beanName(String name) {
		return Stream.of(name, name + BEAN_NAME_SUFFIX)
			.filter((beanName) -> this.beanFactory.containsBean(beanName)
					&& this.beanFactory.isTypeMatch(beanName, IdempotencyStore.class))
			.findFirst()
			.orElse(null);
	}

	private List<String> calling(String name) {
		return beanNames().filter((beanName) -> name(beanName).equals(name)).toList();
	}

	private IdempotencyStore only() {
		List<String> durable = durable();
		if (durable.isEmpty() && this.memoryIfMissing) {
			logger.warn("This test slice has no store: idempotency records are kept in memory");
			return named(MEMORY);
		}
		if (durable.isEmpty()) {
			throw new NoStoreException();
		}
		if (durable.size() > 1) {
			throw new SeveralStoresException(new TreeSet<>(durable.stream().map(this::name).toList()));
		}
		return bean(durable.get(0));
	}

	private List<String> durable() {
		List<String> standingBack = this.precedence.stream().map(StorePrecedence::standsBack).toList();
		return beanNames().filter((beanName) -> !standingBack.contains(beanName) && !name(beanName).equals(MEMORY))
			.toList();
	}

	private boolean prepare(IdempotencyStore store) {
		this.preparations.stream()
			.filter((preparation) -> preparation.supports(store))
			.forEach((preparation) -> preparation.prepare(store));
		return true;
	}

	private Stream<String> beanNames() {
		return Arrays.stream(this.beanFactory.getBeanNamesForType(IdempotencyStore.class));
	}

	private String name(String beanName) {
		String name = OURS.get(beanName);
		return (name != null) ? name : bean(beanName).name();
	}

	private IdempotencyStore bean(String beanName) {
		return this.beanFactory.getBean(beanName, IdempotencyStore.class);
	}

	private Set<String> names() {
		return beanNames().map(this::name).collect(Collectors.toCollection(TreeSet::new));
	}

}
