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

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.idempotency.messaging.Recipient;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JmsDelivery}, with a session that notes what it is asked for.
 */
class JmsDeliveryTests {

	private final List<String> asked = new ArrayList<>();

	private final Session session = noting(Session.class);

	@Test
	void whatTheListenerSentIsCommitted() {
		delivery(this.session).called(false);

		assertThat(this.asked).containsExactly("commit");
	}

	@Test
	void nothingIsCommittedInATransactionOfSomebodyElses() {
		delivery(null).called(false);

		assertThat(this.asked).isEmpty();
	}

	@Test
	void messageIsKeptUntilItsAnswerIsSent() {
		delivery(this.session).called(true);

		assertThat(this.asked).isEmpty();
	}

	@Test
	void nothingIsCommittedOfAMessageThatWasGivenBack() throws JMSException {
		JmsDelivery delivery = delivery(this.session);
		@Nullable Object[] arguments = { this.session };
		delivery.calling(arguments);

		((Session) arguments[0]).rollback();
		delivery.called(false);

		assertThat(delivery.givenBack()).isTrue();
		assertThat(this.asked).containsExactly("rollback");
	}

	private JmsDelivery delivery(@Nullable Session transacted) {
		return new JmsDelivery(Recipient.of(Set.of("listener")), noting(Message.class), transacted, false);
	}

	private <T> T noting(Class<T> type) {
		return type.cast(
				Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { type }, (proxy, method, args) -> {
					this.asked.add(method.getName());
					return null;
				}));
	}

}
