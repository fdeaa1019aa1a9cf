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

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

import io.idempotency.method.MethodEdge;
import io.idempotency.method.MethodOperation;
import io.idempotency.method.MethodOperations;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.messaging.handler.invocation.InvocableHandlerMethod;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the guarded operations among the methods of a listener that its container calls.
 */
public final class ListenerOperations {

	private final MethodEdge edge;

	private final Supplier<MethodOperations> operations;

	/**
	 * Create it.
	 * @param edge knows listeners
	 * @param operations finds the operation of a method, asked for with the first
	 * listener
	 */
	public ListenerOperations(MethodEdge edge, Supplier<MethodOperations> operations) {
		this.edge = edge;
		this.operations = operations;
	}

	/**
	 * Return the operations of an object that a container calls.
	 * @param bean the object, which may be a proxy
	 * @param invoked the one method that is called, or {@code null} if the message
	 * decides
	 * @return the guarded ones
	 */
	public List<MethodOperation> of(Object bean, @Nullable Method invoked) {
		Class<?> type = AopUtils.getTargetClass(bean);
		Method called = (invoked != null) ? AopUtils.getMostSpecificMethod(invoked, type) : null;
		List<MethodOperation> found = new ArrayList<>();
		for (Method method : ReflectionUtils.getUniqueDeclaredMethods(type)) {
			if (this.edge.calls(method, type) && (called == null || isSame(called, method))) {
				MethodOperation operation = this.operations.get().of(method, type);
				if (operation != null) {
					found.add(operation);
				}
			}
		}
		return found;
	}

	private static boolean isSame(Method called, Method method) {
		return called.getName().equals(method.getName())
				&& Arrays.equals(called.getParameterTypes(), method.getParameterTypes());
	}

	/**
	 * Return what a listener of Spring hands its messages to that only passes them on.
	 * @param listener a container's listener
	 * @return the innermost one, or the listener itself
	 */
	public static @Nullable Object innermost(@Nullable Object listener) {
		Object innermost = listener;
		Object delegate = listener;
		while (delegate != null) {
			innermost = delegate;
			Object next = delegateOf(innermost);
			delegate = (next != innermost) ? next : null;
		}
		return innermost;
	}

	/** The adapters of Spring have a getter of the same name, which is not public. */
	private static @Nullable Object delegateOf(Object listener) {
		Method getter = ReflectionUtils.findMethod(listener.getClass(), "getDelegate");
		if (getter == null || !ClassUtils.getInterfaceMethodIfPossible(getter, listener.getClass())
			.getDeclaringClass()
			.getName()
			.startsWith("org.springframework.")) {
			return null;
		}
		ReflectionUtils.makeAccessible(getter);
		return ReflectionUtils.invokeMethod(getter, listener);
	}

	/**
	 * Return the one method that is called by what an adapter has for it.
	 * @param handler the adapter's
	 * @return the method, or {@code null} if the message decides which one it is
	 */
	public static @Nullable Method invokedBy(Object handler) {
		InvocableHandlerMethod invoked = field(handler, InvocableHandlerMethod.class);
		return (invoked != null) ? invoked.getMethod() : null;
	}

	/**
	 * Return the value of a field. No getter leads to what an adapter calls.
	 * @param <T> the type of the field
	 * @param owner the object
	 * @param type the type of the field
	 * @return the value, or {@code null} if there is no such field
	 */
	public static <T> @Nullable T field(Object owner, Class<T> type) {
		Field field = ReflectionUtils.findField(owner.getClass(), null, type);
		if (field == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return type.cast(ReflectionUtils.getField(field, owner));
	}

}
