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

package io.idempotency.web.conformance;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.StoredOutcome;

import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Puts a {@link SwitchableStore} in front of each store of the application.
 */
final class SwitchableStores implements BeanPostProcessor {

	private final List<SwitchableStore> stores = new CopyOnWriteArrayList<>();

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!(bean instanceof IdempotencyStore store)) {
			return bean;
		}
		SwitchableStore switchable = new SwitchableStore(store);
		this.stores.add(switchable);
		return switchable;
	}

	int claims() {
		return this.stores.stream().mapToInt((store) -> store.claims.get()).sum();
	}

	void fail(String verb) {
		this.stores.forEach((store) -> store.failing = verb);
	}

	void tamper(UnaryOperator<StoredOutcome> tampering) {
		this.stores.forEach((store) -> store.tampering = tampering);
	}

}
