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

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.idempotency.IdempotencyKey;
import io.idempotency.Idempotent;
import io.idempotency.store.RecordStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.web.service.annotation.HttpExchange;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.invoker.HttpExchangeAdapter;
import org.springframework.web.service.invoker.HttpRequestValues;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever kind of proxy Spring makes, the guard is in it, once.
 */
class ProxyTests {

	static Stream<ApplicationContextRunner> withAndWithoutAspectJ() {
		return Stream.of(GuardedContext.runner(), GuardedContext.runner().withPropertyValues("spring.aop.auto=false"),
				GuardedContext.runner().withClassLoader(new FilteredClassLoader("org.aspectj")));
	}

	@ParameterizedTest
	@MethodSource("withAndWithoutAspectJ")
	void classIsProxiedByASubclass(ApplicationContextRunner runner) {
		runner.withUserConfiguration(CardPayments.class).run((context) -> {
			CardPayments payments = context.getBean(CardPayments.class);

			assertThat(AopUtils.isCglibProxy(payments)).isTrue();
			assertThat(payments.charge("k")).isEqualTo(1);
			assertThat(payments.charge("k")).isEqualTo(1);
		});
	}

	@ParameterizedTest
	@MethodSource("withAndWithoutAspectJ")
	void interfacesMayBeProxiedInstead(ApplicationContextRunner runner) {
		runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withUserConfiguration(CardPayments.class)
			.run((context) -> {
				Payments payments = context.getBean(Payments.class);

				assertThat(AopUtils.isJdkDynamicProxy(payments)).isTrue();
				assertThat(payments.charge("k")).isEqualTo(1);
				assertThat(payments.charge("k")).isEqualTo(1);
			});
	}

	@ParameterizedTest
	@MethodSource("withAndWithoutAspectJ")
	void beansThatReferToEachOtherAreGuarded(ApplicationContextRunner runner) {
		runner.withAllowCircularReferences(true).withUserConfiguration(Chicken.class, Egg.class).run((context) -> {
			Chicken chicken = context.getBean(Chicken.class);
			Egg egg = context.getBean(Egg.class);

			assertThat(chicken.egg()).isSameAs(egg);
			assertThat(egg.chicken()).isSameAs(chicken);
			assertThat(chicken.lay("k")).isEqualTo(1).isEqualTo(chicken.lay("k"));
			assertThat(egg.hatch("k")).isEqualTo(1).isEqualTo(egg.hatch("k"));
		});
	}

	@Test
	void earlyReferenceHasTheInnerAdviceInsideOfTheTransaction() {
		GuardedContext.withDatabase()
			.withAllowCircularReferences(true)
			.withUserConfiguration(Chicken.class, Egg.class)
			.run((context) -> {
				context.getBean(Chicken.class).layAndRollBack("k");

				assertThat(GuardedContext.status(context, "chicken-lay-and-roll-back", "k"))
					.isEqualTo(RecordStatus.FAILED);
			});
	}

	@Test
	void prototypesAreGuardedTogether() {
		GuardedContext.runner().withUserConfiguration(Prototypes.class).run((context) -> {
			Payments one = context.getBean(Payments.class);
			Payments other = context.getBean(Payments.class);

			assertThat(one).isNotSameAs(other);
			assertThat(one.charge("k")).isEqualTo(other.charge("k")).isEqualTo(1);
		});
	}

	@Test
	void prototypesThatReferToABeanBackAreGuardedEachTime() {
		GuardedContext.withDatabase().withUserConfiguration(Prototypes.class).run((context) -> {
			for (int i = 0; i < 3; i++) {
				context.getBean(Payments.class).chargeAndRollBack("k" + i);

				assertThat(GuardedContext.status(context, "card-payments-charge-and-roll-back", "k" + i))
					.isEqualTo(RecordStatus.FAILED);
			}
		});
	}

	@Test
	void scopedProxyIsGuardedOnce() {
		GuardedContext.runner()
			.withInitializer((context) -> context.getBeanFactory().registerScope("thread", new SimpleThreadScope()))
			.withUserConfiguration(Scoped.class)
			.run((context) -> {
				Payments payments = context.getBean(Payments.class);

				assertThat(payments.charge("k")).isEqualTo(1);
				assertThat(payments.charge("k")).isEqualTo(1);
			});
	}

	@Test
	void httpServiceIsGuarded() {
		GuardedContext.runner().withUserConfiguration(HttpServices.class).run((context) -> {
			Gateway gateway = context.getBean(Gateway.class);

			assertThat(gateway.charge("k", "rent")).isEqualTo("answer 1");
			assertThat(gateway.charge("k", "rent")).isEqualTo("answer 1");
			assertThat(gateway.charge("k2", "rent")).isEqualTo("answer 2");
			assertThat(GuardedContext.status(context, "gateway-charge", "k")).isEqualTo(RecordStatus.COMPLETED);
		});
	}

	@Test
	void callWithinTheBeanIsNotGuarded() {
		GuardedContext.runner().withUserConfiguration(CardPayments.class).run((context) -> {
			CardPayments payments = context.getBean(CardPayments.class);

			assertThat(payments.chargeTwice("k")).isEqualTo(2);
		});
	}

	@Test
	void disabledLibraryLeavesNoProxy() {
		GuardedContext.runner()
			.withPropertyValues("idempotency.enabled=false")
			.withUserConfiguration(CardPayments.class)
			.run((context) -> assertThat(AopUtils.isAopProxy(context.getBean(Payments.class))).isFalse());
	}

	public interface Payments {

		int charge(String key);

		int chargeAndRollBack(String key);

	}

	public static class CardPayments implements Payments {

		private static final AtomicInteger ALL_RUNS = new AtomicInteger();

		private final AtomicInteger runs = new AtomicInteger();

		@Override
		@Idempotent("#key")
		public int charge(String key) {
			return this.runs.incrementAndGet();
		}

		@Override
		@Transactional
		@Idempotent("#key")
		public int chargeAndRollBack(String key) {
			TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
			return ALL_RUNS.incrementAndGet();
		}

		public int chargeTwice(String key) {
			charge(key);
			return charge(key);
		}

	}

	public static class Chicken {

		private final AtomicInteger runs = new AtomicInteger();

		@Autowired
		private Egg egg;

		public Egg egg() {
			return this.egg;
		}

		@Idempotent("#key")
		public int lay(String key) {
			return this.runs.incrementAndGet();
		}

		@Transactional
		@Idempotent("#key")
		public int layAndRollBack(String key) {
			TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
			return this.runs.incrementAndGet();
		}

	}

	public static class Egg {

		private final AtomicInteger runs = new AtomicInteger();

		@Autowired
		private Chicken chicken;

		public Chicken chicken() {
			return this.chicken;
		}

		@Idempotent("#key")
		public int hatch(String key) {
			return this.runs.incrementAndGet();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototypes {

		@Bean
		@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
		CardPayments payments() {
			return new CardPayments();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Scoped {

		@Bean
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
		CardPayments payments() {
			return new CardPayments();
		}

	}

	@HttpExchange
	public interface Gateway {

		@PostExchange("/charges")
		@Idempotent
		String charge(
				@IdempotencyKey @org.springframework.web.bind.annotation.RequestHeader("Idempotency-Key") String key,
				@org.springframework.web.bind.annotation.RequestBody String what);

	}

	@Configuration(proxyBeanMethods = false)
	static class HttpServices {

		@Bean
		FactoryBean<Gateway> gateway() {
			Gateway gateway = HttpServiceProxyFactory.builderFor(new Answers()).build().createClient(Gateway.class);
			return new FactoryBean<>() {

				@Override
				public Gateway getObject() {
					return gateway;
				}

				@Override
				public Class<?> getObjectType() {
					return Gateway.class;
				}

			};
		}

	}

	/** Stands in for the network. */
	static class Answers implements HttpExchangeAdapter {

		private final AtomicInteger requests = new AtomicInteger();

		@Override
		public boolean supportsRequestAttributes() {
			return false;
		}

		@Override
		public void exchange(HttpRequestValues values) {
			this.requests.incrementAndGet();
		}

		@Override
		public HttpHeaders exchangeForHeaders(HttpRequestValues values) {
			return new HttpHeaders();
		}

		@Override
		@SuppressWarnings("unchecked")
		public <T> T exchangeForBody(HttpRequestValues values, ParameterizedTypeReference<T> type) {
			return (T) ("answer " + this.requests.incrementAndGet());
		}

		@Override
		public ResponseEntity<Void> exchangeForBodilessEntity(HttpRequestValues values) {
			return ResponseEntity.ok().build();
		}

		@Override
		public <T> ResponseEntity<T> exchangeForEntity(HttpRequestValues values, ParameterizedTypeReference<T> type) {
			return ResponseEntity.ok(exchangeForBody(values, type));
		}

	}

}
