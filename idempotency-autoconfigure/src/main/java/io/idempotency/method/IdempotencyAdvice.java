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

import java.time.InstantSource;
import java.util.function.Supplier;

import io.idempotency.engine.IdempotencyEngine;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.util.function.SingletonSupplier;

/**
 * Makes the two pieces of advice that guard methods. From the outside in, a call passes
 * {@code @Async}, retries and method security, then the outer advice, then transactions,
 * the cache and method validation, then the inner advice, then the method.
 */
public final class IdempotencyAdvice {

	/**
	 * The order of the outer advisor: inside of everything that decides whether and how
	 * often the method is called, outside of the transaction.
	 */
	public static final int DEFAULT_ORDER = Ordered.LOWEST_PRECEDENCE - 100;

	private final SingletonSupplier<IdempotencyInterceptor.Guard> guard;

	/**
	 * Create the advice.
	 * @param engine asked for at the first call
	 * @param operations asked for at the first call
	 * @param clock asked for at the first call
	 */
	public IdempotencyAdvice(Supplier<IdempotencyEngine> engine, Supplier<MethodOperations> operations,
			Supplier<InstantSource> clock) {
		this.guard = SingletonSupplier
			.of(() -> new IdempotencyInterceptor.Guard(engine.get(), operations.get(), clock.get()));
	}

	/**
	 * Make the outer advisor, a bean of the infrastructure role.
	 * @param order its order among advisors
	 * @return the advisor
	 */
	public Advisor outerAdvisor(int order) {
		DefaultPointcutAdvisor advisor = new DefaultPointcutAdvisor(new IdempotentPointcut(),
				new IdempotencyInterceptor(this.guard::obtain));
		advisor.setOrder(order);
		return advisor;
	}

	/**
	 * Make the post-processor that puts the inner advice into the proxies, after
	 * everything that is there already.
	 * @return the post-processor
	 */
	public BeanPostProcessor innerAdvicePostProcessor() {
		return new InnerAdvicePostProcessor(
				new DefaultPointcutAdvisor(new IdempotentPointcut(), new InnermostInterceptor()));
	}

}
