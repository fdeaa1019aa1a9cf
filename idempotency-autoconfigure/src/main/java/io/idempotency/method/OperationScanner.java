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

package io.idempotency.method;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.idempotency.Idempotent;
import io.idempotency.engine.InvalidOperationException;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the guarded methods of all beans when the application starts, so that what cannot
 * work fails then and not at the first call.
 */
public final class OperationScanner {

	private final ConfigurableListableBeanFactory beanFactory;

	private final MethodOperations operations;

	private final Predicate<Object> unguarded;

	/**
	 * Create the scanner.
	 * @param beanFactory whose beans to look at
	 * @param operations parses the methods
	 * @param unguarded tells which beans need no proxy, because they stand for others and
	 * do none of their work
	 */
	public OperationScanner(ConfigurableListableBeanFactory beanFactory, MethodOperations operations,
			Predicate<Object> unguarded) {
		this.beanFactory = beanFactory;
		this.operations = operations;
		this.unguarded = unguarded;
	}

	/**
	 * Parse all guarded methods and check that a proxy stands before each.
	 * @return the operations in the order of the beans
	 * @throws InvalidOperationException if one cannot work
	 */
	public List<MethodOperation> scan() {
		Map<String, MethodOperation> byName = new LinkedHashMap<>();
		beanTypes().forEach((beanName, type) -> {
			refuseUnproxyable(type);
			for (Method method : guardedMethods(type)) {
				MethodOperation operation = this.operations.of(method, type);
				if (operation == null) {
					continue;
				}
				refuseWithoutProxy(beanName, type, method, operation);
				MethodOperation other = byName.putIfAbsent(operation.spec().name(), operation);
				if (other != null) {
					refuseUnlessSame(operation, other);
				}
			}
		});
		return new ArrayList<>(byName.values());
	}

	/**
	 * A method that several classes inherit is one operation, as long as its answer can
	 * be restored for all of them.
	 */
	private static void refuseUnlessSame(MethodOperation operation, MethodOperation other) {
		if (!other.method().equals(operation.method())) {
			throw new InvalidOperationException(operation.spec().name(),
					"is the name of two methods, " + other.method() + " and " + operation.method(),
					"Give one of them a name of its own with 'operation'");
		}
		if (!other.spec().resultType().equals(operation.spec().resultType())) {
			throw new InvalidOperationException(operation.spec().name(),
					"is inherited with two types of results, " + other.spec().resultType().getTypeName() + " and "
							+ operation.spec().resultType().getTypeName(),
					"Override it in one of the classes, with a name of its own in 'operation'");
		}
	}

	private Map<String, Class<?>> beanTypes() {
		Map<String, Class<?>> types = new LinkedHashMap<>();
		for (String beanName : this.beanFactory.getBeanNamesForType(Object.class, true, false)) {
			if (ScopedProxyUtils.isScopedTarget(beanName)) {
				continue;
			}
			Class<?> known = AutoProxyUtils.determineTargetClass(this.beanFactory, beanName);
			Class<?> type = (known != null) ? ClassUtils.getUserClass(known) : null;
			if (type != null && AnnotationUtils.isCandidateClass(type, Idempotent.class)
					&& !type.getName().startsWith("org.springframework.")) {
				types.put(beanName, type);
			}
		}
		return types;
	}

	private static List<Method> guardedMethods(Class<?> type) {
		return List.of(ReflectionUtils.getUniqueDeclaredMethods(type, (method) -> !method.isBridge()
				&& !unproxyable(method) && IdempotentAnnotations.of(method, type).present()));
	}

	private static List<Method> unproxyableMethods(Class<?> type) {
		boolean all = MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY).isPresent(Idempotent.class);
		return List.of(ReflectionUtils.getUniqueDeclaredMethods(type,
				(method) -> unproxyable(method) && !method.isSynthetic() && (all && finalOf(type, method)
						|| MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY).isPresent(Idempotent.class))));
	}

	private static boolean finalOf(Class<?> type, Method method) {
		int modifiers = method.getModifiers();
		return method.getDeclaringClass() == type && Modifier.isPublic(modifiers) && Modifier.isFinal(modifiers)
				&& !Modifier.isStatic(modifiers);
	}

	private static boolean unproxyable(Method method) {
		int modifiers = method.getModifiers();
		return Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers) || Modifier.isFinal(modifiers);
	}

	private static void refuseUnproxyable(Class<?> type) {
		for (Method method : unproxyableMethods(type)) {
			throw new InvalidOperationException(OperationNames.of(method, type),
					"is declared on " + Modifier.toString(method.getModifiers()) + " method " + type.getSimpleName()
							+ "." + method.getName() + ", which no proxy can guard",
					"Make it a public, non-final instance method of a bean");
		}
	}

	private void refuseWithoutProxy(String beanName, Class<?> type, Method method, MethodOperation operation) {
		Object bean = this.beanFactory.getSingleton(beanName);
		if (bean == null || this.beanFactory.isFactoryBean(beanName) || this.unguarded.test(bean)) {
			return;
		}
		MethodEdge edge = operation.edge();
		if (edge != null) {
			edge.check(operation, bean);
		}
		if (!AopUtils.isAopProxy(bean) || (bean instanceof Advised proxy && !InnermostInterceptor.isIn(proxy))) {
			throw new InvalidOperationException(operation.spec().name(),
					"belongs to bean '" + beanName
							+ "', which has no proxy or half of one: it was created too early or its class is final",
					"Do not inject the bean into a BeanPostProcessor or a static advisor; open a final class");
		}
		if (AopUtils.isJdkDynamicProxy(bean) && !onInterface(bean.getClass(), method, type)) {
			throw new InvalidOperationException(operation.spec().name(),
					"is declared on a method that is not part of an interface of bean '" + beanName
							+ "', which is proxied by interfaces",
					"Add the method to the interface or set spring.aop.proxy-target-class=true");
		}
	}

	private static boolean onInterface(Class<?> proxyClass, Method method, Class<?> type) {
		return Stream.of(proxyClass.getInterfaces())
			.flatMap((each) -> Stream.of(each.getMethods()))
			.filter((each) -> each.getName().equals(method.getName()))
			.anyMatch((each) -> AopUtils.getMostSpecificMethod(each, type).equals(method));
	}

}
