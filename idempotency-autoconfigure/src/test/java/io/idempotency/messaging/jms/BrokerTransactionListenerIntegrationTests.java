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

package io.idempotency.messaging.jms;

import java.util.ArrayList;
import java.util.List;

import jakarta.jms.ConnectionFactory;

import org.springframework.boot.jms.autoconfigure.DefaultJmsListenerContainerFactoryConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.jms.connection.JmsTransactionManager;

/**
 * Tests for guarded JMS listeners in containers with a transaction manager.
 */
class BrokerTransactionListenerIntegrationTests extends JmsListenerContract {

	@Override
	protected Setup setup(Listener listener) {
		Setup setup = super.setup(listener);
		List<Class<?>> sources = new ArrayList<>(setup.sources());
		sources.add(BrokerTransactions.class);
		return new Setup(sources, setup.properties());
	}

	@Override
	protected Setup manual() {
		return new Setup(List.of(RollingBackListener.class), List.of());
	}

	@Configuration(proxyBeanMethods = false)
	static class BrokerTransactions {

		@Bean
		DefaultJmsListenerContainerFactory jmsListenerContainerFactory(
				DefaultJmsListenerContainerFactoryConfigurer configurer, ConnectionFactory connections) {
			DefaultJmsListenerContainerFactory factory = new DefaultJmsListenerContainerFactory();
			configurer.configure(factory, connections);
			factory.setTransactionManager(new JmsTransactionManager(connections));
			return factory;
		}

	}

}
