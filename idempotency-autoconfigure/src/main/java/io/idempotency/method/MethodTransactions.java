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
import java.time.Duration;

import io.idempotency.engine.TransactionUse;
import io.idempotency.engine.TransactionUse.Callers;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.annotation.TransactionManagementConfigurer;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Tells what methods do about transactions, as Spring's transaction management sees them.
 */
final class MethodTransactions {

	private static final boolean SPRING_TX = ClassUtils.isPresent(
			"org.springframework.transaction.interceptor.TransactionAttributeSource",
			MethodTransactions.class.getClassLoader());

	private MethodTransactions() {
	}

	/**
	 * Return what a method does about transactions.
	 * @param method the method behind interfaces and bridges
	 * @param targetClass the class of its object
	 * @param beanFactory knows the transaction management
	 * @return what it does; nothing without spring-tx
	 */
	static TransactionUse of(Method method, Class<?> targetClass, BeanFactory beanFactory) {
		return SPRING_TX ? Spring.use(method, targetClass, beanFactory) : TransactionUse.NONE;
	}

	/** Reached only where spring-tx is. */
	private static final class Spring {

		static TransactionUse use(Method method, Class<?> targetClass, BeanFactory beanFactory) {
			TransactionAttribute attribute = beanFactory.getBeanProvider(TransactionAttributeSource.class)
				.getIfUnique(AnnotationTransactionAttributeSource::new)
				.getTransactionAttribute(method, targetClass);
			if (attribute == null) {
				return TransactionUse.NONE;
			}
			TransactionManager manager = manager(attribute, targetClass, beanFactory);
			return new TransactionUse(callers(attribute), opens(attribute), attribute.isReadOnly(),
					attribute.getIsolationLevel() >= TransactionDefinition.ISOLATION_REPEATABLE_READ,
					timeout(attribute, manager), manager, attribute::rollbackOn);
		}

		private static Callers callers(TransactionDefinition definition) {
			return switch (definition.getPropagationBehavior()) {
				case TransactionDefinition.PROPAGATION_REQUIRES_NEW, TransactionDefinition.PROPAGATION_NOT_SUPPORTED,
						TransactionDefinition.PROPAGATION_NEVER ->
					Callers.LEFT;
				case TransactionDefinition.PROPAGATION_NESTED -> Callers.NESTED;
				default -> Callers.JOINED;
			};
		}

		private static boolean opens(TransactionDefinition definition) {
			return switch (definition.getPropagationBehavior()) {
				case TransactionDefinition.PROPAGATION_REQUIRED, TransactionDefinition.PROPAGATION_REQUIRES_NEW,
						TransactionDefinition.PROPAGATION_NESTED ->
					true;
				default -> false;
			};
		}

		private static @Nullable Duration timeout(TransactionDefinition definition,
				@Nullable TransactionManager manager) {
			int seconds = definition.getTimeout();
			if (seconds == TransactionDefinition.TIMEOUT_DEFAULT
					&& manager instanceof AbstractPlatformTransactionManager platform) {
				seconds = platform.getDefaultTimeout();
			}
			return (seconds > 0) ? Duration.ofSeconds(seconds) : null;
		}

		/**
		 * Find the manager as Spring does at the first call. One that cannot be found is
		 * an error that Spring reports better.
		 */
		private static @Nullable TransactionManager manager(TransactionAttribute attribute, Class<?> targetClass,
				BeanFactory beanFactory) {
			try {
				String qualifier = attribute.getQualifier();
				if (StringUtils.hasText(qualifier)) {
					return qualified(qualifier, beanFactory);
				}
				TransactionManager ofTheClass = ofTheClass(targetClass, beanFactory);
				if (ofTheClass != null) {
					return ofTheClass;
				}
				TransactionManagementConfigurer configurer = beanFactory
					.getBeanProvider(TransactionManagementConfigurer.class)
					.getIfUnique();
				return (configurer != null) ? configurer.annotationDrivenTransactionManager()
						: beanFactory.getBeanProvider(TransactionManager.class).getIfUnique();
			}
			catch (BeansException ex) {
				return null;
			}
		}

		/**
		 * A qualifier on the class chooses the manager, if one has it.
		 */
		private static @Nullable TransactionManager ofTheClass(Class<?> targetClass, BeanFactory beanFactory) {
			String qualifier = BeanFactoryAnnotationUtils.getQualifierValue(targetClass);
			try {
				return StringUtils.hasText(qualifier) ? qualified(qualifier, beanFactory) : null;
			}
			catch (NoSuchBeanDefinitionException ex) {
				return null;
			}
		}

		private static TransactionManager qualified(String qualifier, BeanFactory beanFactory) {
			return BeanFactoryAnnotationUtils.qualifiedBeanOfType(beanFactory, TransactionManager.class, qualifier);
		}

	}

}
