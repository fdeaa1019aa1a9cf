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
import java.util.List;
import java.util.Map;

import io.idempotency.Idempotent;
import io.idempotency.autoconfigure.IdempotencyAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyJmsAutoConfiguration;
import io.idempotency.autoconfigure.IdempotencyMessagingAutoConfiguration;
import io.idempotency.method.MethodOperation;
import io.idempotency.method.MethodOperations;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jms.annotation.JmsListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ContainerGuard}, with containers that are no more than the names of
 * their subscriptions. Those that begin with "own" are private to an instance.
 */
class ContainerGuardTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, IdempotencyAutoConfiguration.class,
				IdempotencyJmsAutoConfiguration.class, IdempotencyMessagingAutoConfiguration.class,
				JacksonAutoConfiguration.class))
		.withPropertyValues("idempotency.store=memory")
		.withBean(Listener.class);

	@Test
	void messageToAllInstancesIsOneForEach() {
		this.runner.run((context) -> {
			Recipient first = started(context, "own-1").get("own-1");
			Recipient second = started(context, "own-2").get("own-2");

			assertThat(first.scopeOfIdentities()).isNotEqualTo(second.scopeOfIdentities());
			assertThat(first.scopeOfKeys()).isNotEqualTo(second.scopeOfKeys());
		});
	}

	@Test
	void instancesShareTheOneSubscriptionOfAListener() {
		this.runner.run((context) -> {
			Recipient recipient = started(context, "orders").get("orders");

			assertThat(recipient.scopeOfIdentities()).isEqualTo("message");
			assertThat(recipient.scopeOfKeys()).isEmpty();
		});
	}

	@Test
	void instancesShareOneSubscriptionBesideThoseOfTheirOwn() {
		this.runner.run((context) -> {
			Recipient first = started(context, "own-1", "orders").get("orders");
			Recipient second = started(context, "own-2", "orders").get("orders");

			assertThat(first.scopeOfIdentities()).isEqualTo(second.scopeOfIdentities());
			assertThat(first.scopeOfKeys()).isEqualTo(second.scopeOfKeys());
		});
	}

	private static Map<String, Recipient> started(ApplicationContext context, String... subscriptions) {
		Named guard = new Named(context.getBean(MethodOperations.class), List.of(subscriptions));
		guard.setApplicationContext(context);
		guard.start();
		return guard.guarded;
	}

	private static final class Named extends ContainerGuard<String> {

		private final Map<String, Recipient> guarded = new HashMap<>();

		private final MethodOperations operations;

		private final List<String> containers;

		private Named(MethodOperations operations, List<String> containers) {
			this.operations = operations;
			this.containers = containers;
		}

		@Override
		protected Collection<String> containersOf(ApplicationContext context) {
			return this.containers;
		}

		@Override
		protected List<MethodOperation> operationsOf(String container) {
			try {
				return List.of(this.operations.of(Listener.class.getMethod("on", String.class), Listener.class));
			}
			catch (NoSuchMethodException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		protected String subscriptionOf(String container) {
			return text(List.of(container));
		}

		@Override
		protected @Nullable String instanceOf(String container) {
			return container.startsWith("own") ? subscriptionOf(container) : null;
		}

		@Override
		protected void guard(String container, List<MethodOperation> operations, Recipient recipient) {
			this.guarded.put(container, recipient);
		}

	}

	static class Listener {

		@Idempotent
		@JmsListener(destination = "orders")
		public void on(String order) {
		}

	}

}
