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

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import io.idempotency.IdempotencyKey;
import io.idempotency.IdempotencyOutcomeUnknownException;
import io.idempotency.Idempotent;
import io.idempotency.OnUnknown;
import io.idempotency.store.RecordStatus;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Test;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.NameMatchMethodPointcut;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Advice between the two of ours, a bulkhead for example, may run the work on a thread of
 * its own.
 */
class WorkOnAnotherThreadTests {

	@Test
	void failureOfWorkThatBeganOnAnotherThreadIsUnknownUnderHold() {
		GuardedContext.runner().withUserConfiguration(Bulkhead.class).run((context) -> {
			Payments payments = context.getBean(Payments.class);
			assertThatIllegalStateException().isThrownBy(() -> payments.charge("k")).withMessage("half done");

			assertThatExceptionOfType(IdempotencyOutcomeUnknownException.class).isThrownBy(() -> payments.charge("k"));
			assertThat(GuardedContext.status(context, "payments-charge", "k")).isEqualTo(RecordStatus.UNKNOWN);
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Bulkhead {

		@Bean
		Payments payments() {
			return new Payments();
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static Advisor bulkhead() {
			NameMatchMethodPointcut pointcut = new NameMatchMethodPointcut();
			pointcut.addMethodName("charge");
			MethodInterceptor elsewhere = (invocation) -> {
				try {
					return CompletableFuture.supplyAsync(() -> {
						try {
							return invocation.proceed();
						}
						catch (Throwable ex) {
							throw new CompletionException(ex);
						}
					}).join();
				}
				catch (CompletionException ex) {
					throw ex.getCause();
				}
			};
			DefaultPointcutAdvisor advisor = new DefaultPointcutAdvisor(pointcut, elsewhere);
			advisor.setOrder(IdempotencyAdvice.DEFAULT_ORDER + 1);
			return advisor;
		}

	}

	static class Payments {

		@Idempotent(operation = "payments-charge", onUnknown = OnUnknown.HOLD)
		public String charge(@IdempotencyKey String key) {
			throw new IllegalStateException("half done");
		}

	}

}
