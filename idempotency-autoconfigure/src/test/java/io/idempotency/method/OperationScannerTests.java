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

import java.io.InputStream;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.idempotency.IdempotencyIgnore;
import io.idempotency.IdempotencyKey;
import io.idempotency.Idempotent;
import io.idempotency.OnConcurrent;
import io.idempotency.engine.InvalidOperationException;
import kotlin.coroutines.Continuation;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.PriorityOrdered;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What cannot work fails when the application starts, and says what to do.
 */
class OperationScannerTests {

	private final ApplicationContextRunner runner = GuardedContext.runner();

	@Test
	void unknownVariableNamesTheParametersThatExist() {
		refused(UnknownVariable.class,
				(failure) -> failure.hasMessageContaining("unknown-variable-charge")
					.hasMessageContaining("'oder'")
					.hasMessageContaining("#order")
					.hasMessageContaining("#note"));
	}

	@Test
	void resultIsUnknownOutsideOfUnless() {
		refused(ResultInKey.class, (failure) -> failure.hasMessageContaining("'result'"));
	}

	@ParameterizedTest
	@ValueSource(classes = { BrokenKey.class, BrokenFingerprint.class, BrokenCondition.class, BrokenUnless.class })
	void expressionThatIsNotSpelNamesTheAttribute(Class<?> type) {
		String attribute = type.getSimpleName().substring("Broken".length()).toLowerCase(java.util.Locale.ROOT);

		refused(type, (failure) -> failure.hasMessageContaining(attribute + "=\"#order.\"")
			.hasMessageContaining("not a SpEL expression"));
	}

	@Test
	void unknownFunctionIsRefused() {
		refused(UnknownFunction.class, (failure) -> failure.hasMessageContaining("unknown-function-charge"));
	}

	@ParameterizedTest
	@ValueSource(classes = { PrivateMethod.class, FinalMethod.class, StaticMethod.class })
	void methodThatNoProxyCanGuardIsRefused(Class<?> type) {
		refused(type, (failure) -> failure.hasMessageContaining("charge").hasMessageContaining("no proxy can guard"));
	}

	@Test
	void finalMethodOfAnAnnotatedClassIsRefused() {
		refused(FinalMethodOfAnnotatedClass.class, (failure) -> failure.hasMessageContaining("no proxy can guard"));
	}

	@Test
	void finalClassIsRefused() {
		this.runner.withUserConfiguration(FinalClass.class).run((context) -> assertThat(context).hasFailed());
	}

	@Test
	void twoOperationsWithOneNameAreRefused() {
		refused(OneNameTwice.class,
				(failure) -> failure.hasMessageContaining("'charge'")
					.hasMessageContaining("first")
					.hasMessageContaining("second"));
	}

	@Test
	void methodThatTwoBeansInheritIsOneOperation() {
		this.runner.withUserConfiguration(CardPayments.class, TransferPayments.class).run((context) -> {
			CardPayments cards = context.getBean(CardPayments.class);
			TransferPayments transfers = context.getBean(TransferPayments.class);

			assertThat(cards.inherited("k")).isEqualTo("cards");
			assertThat(transfers.inherited("k")).isEqualTo("cards");
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { OverridingCards.class, OverridingCardsWithAnAnnotation.class })
	void methodsThatOverrideOneAreTwoOperationsAndNeedNames(Class<?> cards) {
		this.runner.withUserConfiguration(cards, OverridingTransfers.class)
			.run((context) -> assertThat(GuardedContext.refusal(context)).hasMessageContaining("'overridden'")
				.hasMessageContaining(cards.getSimpleName())
				.hasMessageContaining(OverridingTransfers.class.getSimpleName()));
	}

	@Test
	void methodThatOneBeanOverridesAndAnotherInheritsIsTwoOperations() {
		this.runner.withUserConfiguration(InheritingPayments.class, OverridingTransfers.class)
			.run((context) -> assertThat(GuardedContext.refusal(context)).hasMessageContaining("'overridden'"));
	}

	@Test
	void methodOfAnInterfaceThatTwoBeansImplementIsTwoOperations() {
		this.runner.withUserConfiguration(CardRefunds.class, TransferRefunds.class)
			.run((context) -> assertThat(GuardedContext.refusal(context)).hasMessageContaining("'refund'")
				.hasMessageContaining("CardRefunds")
				.hasMessageContaining("TransferRefunds"));
	}

	@Test
	void inheritedMethodWithAnotherResultIsAnotherOperation() {
		this.runner.withUserConfiguration(TextEcho.class, NumberEcho.class)
			.run((context) -> assertThat(GuardedContext.refusal(context)).hasMessageContaining("'echo'")
				.hasMessageContaining("java.lang.String")
				.hasMessageContaining("java.lang.Integer"));
	}

	@Test
	void overloadedMethodsNeedNames() {
		refused(Overloaded.class, (failure) -> failure.hasMessageContaining("overloaded-charge"));
	}

	@Test
	void operationNameThatIsNoPropertyNameIsRefused() {
		refused(BadName.class, (failure) -> failure.hasMessageContaining("Charge Me"));
	}

	@Test
	void noArgumentsNoKeyAndNoWindowIsRefused() {
		refused(NothingToTellApart.class,
				(failure) -> failure.hasMessageContaining("no arguments, no key and no window"));
	}

	@Test
	void onlyIgnoredArgumentsAreNoArguments() {
		refused(OnlyIgnored.class, (failure) -> failure.hasMessageContaining("no arguments, no key and no window"));
	}

	@Test
	void noArgumentsWithAWindowStart() {
		this.runner.withUserConfiguration(OnlyWindow.class).run((context) -> {
			OnlyWindow reports = context.getBean(OnlyWindow.class);

			assertThat(reports.report()).isEqualTo(1);
			assertThat(reports.report()).isEqualTo(1);
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { ReturnsStream.class, ReturnsMono.class, ReturnsFlux.class, ReturnsIterator.class,
			ReturnsInputStream.class, ReturnsSupplier.class, ReturnsFutureOfStream.class })
	void resultThatCannotBeRestoredIsRefused(Class<?> type) {
		refused(type, (failure) -> failure.hasMessageContaining("cannot be restored"));
	}

	@ParameterizedTest
	@ValueSource(classes = { BadTtl.class, ZeroTtl.class, NegativeTtl.class })
	void badTtlIsRefused(Class<?> type) {
		refused(type, (failure) -> failure.hasMessageContaining("ttl"));
	}

	@ParameterizedTest
	@ValueSource(classes = { BadWindow.class, WindowThatDoesNotDivideADay.class })
	void badWindowIsRefused(Class<?> type) {
		refused(type, (failure) -> failure.hasMessageContaining("window=\"").hasMessageContaining("divisor of a day"));
	}

	@Test
	void suspendingFunctionIsRefused() {
		refused(Suspending.class, (failure) -> failure.hasMessageContaining("suspending function"));
	}

	@Test
	void digestOfAllArgumentsCanBeForbidden() {
		this.runner.withPropertyValues("idempotency.default-key=forbid")
			.withUserConfiguration(DefaultKey.class)
			.run((context) -> assertThat(GuardedContext.refusal(context)).hasMessageContaining("default-key-charge")
				.hasMessageContaining("default-key=forbid"));
		this.runner.withPropertyValues("idempotency.default-key=forbid")
			.withUserConfiguration(MarkedKey.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(classes = { CreatedTooEarly.class, CreatedBeforeTheInnerAdvice.class })
	void beanThatIsCreatedTooEarlyIsRefused(Class<?> type) {
		this.runner.withUserConfiguration(type)
			.run((context) -> assertThat(GuardedContext.refusal(context)).hasMessageContaining("no proxy")
				.hasMessageContaining("BeanPostProcessor"));
	}

	@Test
	void lazyBeanIsCheckedWithoutBeingCreated() {
		this.runner.withUserConfiguration(LazyBeans.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getSourceApplicationContext().getBeanFactory().containsSingleton("payments")).isFalse();
		});
	}

	@Test
	void unknownPropertyOfAnOperationNamesTheKnownOnes() {
		this.runner.withPropertyValues("idempotency.operations.default-key-chrage.ttl=1h")
			.withUserConfiguration(DefaultKey.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("default-key-chrage")
				.hasMessageContaining("default-key-charge"));
	}

	@Test
	void methodThatIsNotPartOfTheProxiedInterfaceIsRefused() {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withUserConfiguration(BesideItsInterface.class)
			.run((context) -> assertThat(GuardedContext.refusal(context))
				.hasMessageContaining("not part of an interface"));
	}

	private void refused(Class<?> type, Consumer<AbstractThrowableAssert<?, InvalidOperationException>> failure) {
		this.runner.withUserConfiguration(type)
			.run((context) -> failure.accept(assertThat(GuardedContext.refusal(context))));
	}

	static class UnknownVariable {

		@Idempotent("#oder.id")
		public String charge(String order, String note) {
			return order;
		}

	}

	static class ResultInKey {

		@Idempotent("#result")
		public String charge(String order) {
			return order;
		}

	}

	static class BrokenKey {

		@Idempotent("#order.")
		public String charge(String order) {
			return order;
		}

	}

	static class BrokenFingerprint {

		@Idempotent(key = "#order", fingerprint = "#order.")
		public String charge(String order) {
			return order;
		}

	}

	static class BrokenCondition {

		@Idempotent(key = "#order", condition = "#order.")
		public String charge(String order) {
			return order;
		}

	}

	static class BrokenUnless {

		@Idempotent(key = "#order", unless = "#order.")
		public String charge(String order) {
			return order;
		}

	}

	static class UnknownFunction {

		@Idempotent("#hash(#order)")
		public String charge(String order) {
			return order;
		}

	}

	static class PrivateMethod {

		@Idempotent
		private String charge(String order) {
			return order;
		}

	}

	static class FinalMethod {

		@Idempotent
		public final String charge(String order) {
			return order;
		}

	}

	static class StaticMethod {

		@Idempotent
		public static String charge(String order) {
			return order;
		}

	}

	@Idempotent
	static class FinalMethodOfAnnotatedClass {

		public final String charge(String order) {
			return order;
		}

	}

	static final class FinalClass {

		@Idempotent
		public String charge(String order) {
			return order;
		}

	}

	static class OneNameTwice {

		@Idempotent(operation = "charge")
		public String first(String order) {
			return order;
		}

		@Idempotent(operation = "charge")
		public String second(String order) {
			return order;
		}

	}

	abstract static class InheritedPayments {

		private final String name;

		InheritedPayments(String name) {
			this.name = name;
		}

		@Idempotent(key = "#order", operation = "inherited")
		public String inherited(String order) {
			return this.name;
		}

	}

	static class CardPayments extends InheritedPayments {

		CardPayments() {
			super("cards");
		}

	}

	static class TransferPayments extends InheritedPayments {

		TransferPayments() {
			super("transfers");
		}

	}

	abstract static class OverriddenPayments {

		@Idempotent(key = "#order", operation = "overridden")
		public String charge(String order) {
			return order;
		}

	}

	static class InheritingPayments extends OverriddenPayments {

	}

	static class OverridingCards extends OverriddenPayments {

		@Override
		public String charge(String order) {
			return "card";
		}

	}

	static class OverridingCardsWithAnAnnotation extends OverriddenPayments {

		@Override
		@Idempotent(key = "#order", operation = "overridden")
		public String charge(String order) {
			return "card";
		}

	}

	static class OverridingTransfers extends OverriddenPayments {

		@Override
		public String charge(String order) {
			return "transfer";
		}

	}

	interface NamedRefunds {

		@Idempotent(key = "#order", operation = "refund")
		String refund(String order);

	}

	static class CardRefunds implements NamedRefunds {

		@Override
		public String refund(String order) {
			return "card";
		}

	}

	static class TransferRefunds implements NamedRefunds {

		@Override
		public String refund(String order) {
			return "transfer";
		}

	}

	abstract static class Echo<T> {

		@Idempotent(key = "'one'", operation = "echo", fingerprint = "none")
		public T echo(T value) {
			return value;
		}

	}

	static class TextEcho extends Echo<String> {

	}

	static class NumberEcho extends Echo<Integer> {

	}

	static class Overloaded {

		@Idempotent
		public String charge(String order) {
			return order;
		}

		@Idempotent
		public String charge(String order, String note) {
			return order;
		}

	}

	static class BadName {

		@Idempotent(operation = "Charge Me")
		public String charge(String order) {
			return order;
		}

	}

	static class NothingToTellApart {

		@Idempotent
		public String charge() {
			return "";
		}

	}

	static class OnlyIgnored {

		@Idempotent
		public String charge(@IdempotencyIgnore String trace) {
			return "";
		}

	}

	static class OnlyWindow {

		private int runs;

		@Idempotent(window = "1mo")
		public int report() {
			return ++this.runs;
		}

	}

	static class ReturnsStream {

		@Idempotent
		public Stream<String> charge(String order) {
			return Stream.of(order);
		}

	}

	static class ReturnsMono {

		@Idempotent
		public Mono<String> charge(String order) {
			return Mono.just(order);
		}

	}

	static class ReturnsFlux {

		@Idempotent
		public Flux<String> charge(String order) {
			return Flux.just(order);
		}

	}

	static class ReturnsIterator {

		@Idempotent
		public Iterator<String> charge(String order) {
			return Stream.of(order).iterator();
		}

	}

	static class ReturnsInputStream {

		@Idempotent
		public InputStream charge(String order) {
			return InputStream.nullInputStream();
		}

	}

	static class ReturnsSupplier {

		@Idempotent
		public Supplier<String> charge(String order) {
			return () -> order;
		}

	}

	static class ReturnsFutureOfStream {

		@Idempotent
		public CompletableFuture<Stream<String>> charge(String order) {
			return CompletableFuture.completedFuture(Stream.of(order));
		}

	}

	static class BadTtl {

		@Idempotent(ttl = "two days")
		public String charge(String order) {
			return order;
		}

	}

	static class ZeroTtl {

		@Idempotent(ttl = "0s")
		public String charge(String order) {
			return order;
		}

	}

	static class NegativeTtl {

		@Idempotent(ttl = "-1h")
		public String charge(String order) {
			return order;
		}

	}

	static class BadWindow {

		@Idempotent(window = "daily")
		public String charge(String order) {
			return order;
		}

	}

	static class WindowThatDoesNotDivideADay {

		@Idempotent(window = "7h")
		public String charge(String order) {
			return order;
		}

	}

	static class Suspending {

		@Idempotent
		public Object charge(String order, Continuation<? super String> continuation) {
			return order;
		}

	}

	static class DefaultKey {

		@Idempotent
		public String charge(String order) {
			return order;
		}

	}

	static class MarkedKey {

		@Idempotent(onConcurrent = OnConcurrent.REJECT)
		public String charge(@IdempotencyKey String order) {
			return order;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CreatedTooEarly {

		@Bean
		DefaultKey payments() {
			return new DefaultKey();
		}

		@Bean
		static NeedsPaymentsFirst needsPayments(DefaultKey payments) {
			return new NeedsPaymentsFirst(payments);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CreatedBeforeTheInnerAdvice {

		@Bean
		DefaultKey payments() {
			return new DefaultKey();
		}

		@Bean
		static NeedsPayments needsPayments(DefaultKey payments) {
			return new NeedsPayments(payments);
		}

	}

	static class NeedsPayments implements BeanPostProcessor {

		NeedsPayments(DefaultKey payments) {
			assertThat(payments).isNotNull();
		}

	}

	static class NeedsPaymentsFirst extends NeedsPayments implements PriorityOrdered {

		NeedsPaymentsFirst(DefaultKey payments) {
			super(payments);
		}

		@Override
		public int getOrder() {
			return HIGHEST_PRECEDENCE;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyBeans {

		@Bean
		@Lazy
		DefaultKey payments() {
			return new DefaultKey();
		}

	}

	interface Refunds {

		void refund(String order);

	}

	static class BesideItsInterface implements Refunds {

		@Override
		public void refund(String order) {
		}

		@Idempotent
		public String charge(String order) {
			return order;
		}

	}

}
