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

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.AbstractAdvisingBeanPostProcessor;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.config.SmartInstantiationAwareBeanPostProcessor;

/**
 * Appends the inner advisor to proxies that exist. It has no order on purpose: unordered
 * post-processors come last, so that method validation, which is ordered, is already in
 * the proxy.
 */
final class InnerAdvicePostProcessor implements SmartInstantiationAwareBeanPostProcessor, AopInfrastructureBean {

	private final Appender appender;

	private final Set<String> early = ConcurrentHashMap.newKeySet();

	InnerAdvicePostProcessor(Advisor advisor) {
		this.appender = new Appender(advisor);
	}

	@Override
	public Object getEarlyBeanReference(Object bean, String beanName) {
		this.early.add(beanName);
		return this.appender.append(bean, beanName);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return this.early.remove(beanName) ? bean : this.appender.append(bean, beanName);
	}

	@SuppressWarnings("serial")
	private static final class Appender extends AbstractAdvisingBeanPostProcessor {

		private Appender(Advisor advisor) {
			this.advisor = advisor;
		}

		private Object append(Object bean, String beanName) {
			return (bean instanceof Advised) ? postProcessAfterInitialization(bean, beanName) : bean;
		}

	}

}
