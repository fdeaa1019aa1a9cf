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

package io.idempotency.messaging;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.idempotency.method.MethodOperation;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.SmartLifecycle;

/**
 * Guards the containers of an application before they are started. They are looked up
 * then, because they would be started together with whoever has them injected.
 *
 * <p>
 * Where a container's listener is called by other containers, too, from other
 * subscriptions, the subscription becomes part of what tells its messages apart. What
 * decides that is known before anything is started, so that it is the same after each
 * start. A container that is made later counts as one of several unless it has the only
 * subscription that was known then. A subscription that this instance of the application
 * has for itself always counts as one of several: the others are in other instances.
 *
 * @param <C> the type of the containers
 */
public abstract class ContainerGuard<C> implements SmartLifecycle, ApplicationContextAware {

	private @Nullable ApplicationContext applicationContext;

	/** Those of each operation when the application was started. */
	private volatile Map<String, Set<String>> subscriptions = Map.of();

	private volatile boolean running;

	@Override
	public final void setApplicationContext(ApplicationContext applicationContext) {
		this.applicationContext = applicationContext;
	}

	/**
	 * Guard all containers that are known.
	 */
	@Override
	public final void start() {
		ApplicationContext context = this.applicationContext;
		if (context != null) {
			List<C> containers = List.copyOf(containersOf(context));
			this.subscriptions = subscriptionsOf(containers);
			containers.forEach(this::guardOne);
		}
		this.running = true;
	}

	private Map<String, Set<String>> subscriptionsOf(List<C> containers) {
		Map<String, Set<String>> subscriptions = new HashMap<>();
		for (C container : containers) {
			for (String operation : names(operationsOf(container))) {
				subscriptions.computeIfAbsent(operation, (unused) -> new HashSet<>()).add(subscriptionOf(container));
			}
		}
		return subscriptions;
	}

	/**
	 * Guard a container.
	 * @param container the container
	 */
	protected final void guardOne(C container) {
		List<MethodOperation> operations = operationsOf(container);
		Set<String> names = names(operations);
		String scope = scopeOf(container, names);
		Recipient recipient = Recipient.of(names);
		guard(container, operations, (scope != null) ? recipient.in(scope) : recipient);
	}

	private @Nullable String scopeOf(C container, Set<String> operations) {
		String instance = instanceOf(container);
		if (instance != null) {
			return instance;
		}
		String own = subscriptionOf(container);
		boolean only = operations.stream().allMatch((name) -> Set.of(own).equals(this.subscriptions.get(name)));
		return only ? null : own;
	}

	private static Set<String> names(List<MethodOperation> operations) {
		return operations.stream().map((operation) -> operation.spec().name()).collect(Collectors.toSet());
	}

	/**
	 * Return the application that has the containers.
	 * @return the application, or {@code null} if there is none
	 */
	protected final @Nullable ApplicationContext applicationContext() {
		return this.applicationContext;
	}

	/**
	 * Return all containers that an application knows.
	 * @param context the application
	 * @return the containers, guarded or not
	 */
	protected abstract Collection<C> containersOf(ApplicationContext context);

	/**
	 * Return what a container calls.
	 * @param container the container
	 * @return the guarded operations among the methods of its listener
	 */
	protected abstract List<MethodOperation> operationsOf(C container);

	/**
	 * Return from where a container gets messages, as opposed to others, which get the
	 * same messages for themselves.
	 * @param container the container
	 * @return text that stays the same when the application is started again
	 */
	protected abstract String subscriptionOf(C container);

	/**
	 * Return what tells a container's subscription from those of other instances of the
	 * application, each of which gets the same messages for itself.
	 * @param container the container
	 * @return text that no other subscription has, or {@code null} if the instances may
	 * share this one
	 */
	protected @Nullable String instanceOf(C container) {
		return null;
	}

	/**
	 * Make one text of several, of which no others make the same.
	 * @param parts the parts
	 * @return one text
	 */
	protected static String text(Collection<String> parts) {
		return parts.stream().map((part) -> part.length() + ":" + part).collect(Collectors.joining());
	}

	/**
	 * Guard a container. Does nothing to one that is guarded already.
	 * @param container the container
	 * @param operations the guarded operations that it calls
	 * @param recipient whom it calls
	 */
	protected abstract void guard(C container, List<MethodOperation> operations, Recipient recipient);

	@Override
	public final void stop() {
		this.running = false;
	}

	@Override
	public final boolean isRunning() {
		return this.running;
	}

	/** Before everything, because a container may have any phase. */
	@Override
	public final int getPhase() {
		return Integer.MIN_VALUE;
	}

}
