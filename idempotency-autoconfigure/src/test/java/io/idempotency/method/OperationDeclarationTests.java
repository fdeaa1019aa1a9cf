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

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import io.idempotency.Idempotent;
import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.engine.OperationSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.core.annotation.AliasFor;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a declaration comes to: annotations by nearness, under properties, over defaults.
 */
class OperationDeclarationTests {

	private final ApplicationContextRunner runner = GuardedContext.runner();

	@Test
	void nameIsClassAndMethodInKebabCase() {
		with(PlainPayments.class, (context) -> assertThat(spec(context, PlainPayments.class, "chargeLater").name())
			.isEqualTo("plain-payments-charge-later"));
	}

	@Test
	void defaultsAreTheLibrarys() {
		with(PlainPayments.class, (context) -> {
			OperationSpec spec = spec(context, PlainPayments.class, "chargeLater");

			assertThat(spec.ttl()).isEqualTo(Duration.ofHours(24));
			assertThat(spec.lease()).isEqualTo(Duration.ofSeconds(30));
			assertThat(spec.waitTimeout()).isEqualTo(Duration.ofSeconds(5));
			assertThat(spec.onConcurrent()).isEqualTo(OnConcurrent.WAIT);
			assertThat(spec.onUnknown()).isEqualTo(OnUnknown.RETRY);
			assertThat(spec.failureTtl()).isEqualTo(Duration.ofSeconds(60));
			assertThat(spec.abandonedTtl()).isEqualTo(Duration.ofDays(7));
		});
	}

	@Test
	void methodCountsOverClassAttributeByAttribute() {
		with(AnnotatedClass.class, (context) -> {
			OperationSpec inherited = spec(context, AnnotatedClass.class, "charge");
			OperationSpec own = spec(context, AnnotatedClass.class, "refund");

			assertThat(inherited.ttl()).isEqualTo(Duration.ofHours(1));
			assertThat(inherited.onConcurrent()).isEqualTo(OnConcurrent.REJECT);
			assertThat(own.ttl()).isEqualTo(Duration.ofHours(2));
			assertThat(own.onConcurrent()).isEqualTo(OnConcurrent.REJECT);
			assertThat(own.onUnknown()).isEqualTo(OnUnknown.HOLD);
		});
	}

	@Test
	void annotatedClassGuardsItsPublicMethodsOnly() {
		with(AnnotatedClass.class, (context) -> {
			assertThat(operation(context, AnnotatedClass.class, "internal")).isNull();
			assertThat(operation(context, AnnotatedClass.class, "toString")).isNull();
		});
	}

	@Test
	void annotationOnTheInterfacesMethodCounts() {
		with(OfInterfaceMethod.class, (context) -> assertThat(spec(context, OfInterfaceMethod.class, "charge").ttl())
			.isEqualTo(Duration.ofHours(3)));
	}

	@Test
	void annotationOnTheInterfaceItselfCounts() {
		with(OfInterfaceType.class, (context) -> assertThat(spec(context, OfInterfaceType.class, "charge").ttl())
			.isEqualTo(Duration.ofHours(4)));
	}

	@Test
	void methodOfTheClassCountsOverTheInterfacesMethod() {
		with(OverInterface.class, (context) -> assertThat(spec(context, OverInterface.class, "charge").ttl())
			.isEqualTo(Duration.ofHours(5)));
	}

	@Test
	void annotationOfTheSuperclassIsInherited() {
		with(Subclass.class,
				(context) -> assertThat(spec(context, Subclass.class, "charge").name()).isEqualTo("subclass-charge"));
	}

	@Test
	void composedAnnotationBringsItsDefaultsAndItsAliases() {
		with(Composed.class, (context) -> {
			OperationSpec plain = spec(context, Composed.class, "charge");
			OperationSpec refined = spec(context, Composed.class, "refund");

			assertThat(plain.ttl()).isEqualTo(Duration.ofHours(6));
			assertThat(plain.onUnknown()).isEqualTo(OnUnknown.HOLD);
			assertThat(refined.ttl()).isEqualTo(Duration.ofHours(7));
			assertThat(context.getBean(Composed.class).refund("a", "k"))
				.isEqualTo(context.getBean(Composed.class).refund("a", "k"));
			assertThat(operation(context, Composed.class, "refund").keySource()).isEqualTo(KeySource.EXPRESSION);
		});
	}

	@Test
	void genericSuperclassIsGuardedWithTheConcreteTypes() {
		with(StringHandler.class, (context) -> {
			Handler<String, List<Integer>> handler = context.getBean(StringHandler.class);

			assertThat(spec(context, StringHandler.class, "handle").resultType())
				.isEqualTo(new ParameterizedTypeReference<List<Integer>>() {
				}.getType());
			assertThat(handler.handle("a")).containsExactly(1);
			assertThat(handler.handle("a")).containsExactly(1);
			assertThat(handler.handle("b")).containsExactly(2);
		});
	}

	@Test
	void bridgeMethodIsOneOperationWithTheMethodBehindIt() {
		with(BridgedHandler.class, (context) -> {
			Handling<String> handler = context.getBean(BridgedHandler.class);

			assertThat(handler.handle("a")).isEqualTo("a1");
			assertThat(context.getBean(BridgedHandler.class).handle("a")).isEqualTo("a1");
		});
	}

	@Test
	void genericInterfaceMayBeProxiedByInterfaces() {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withUserConfiguration(BridgedHandler.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				@SuppressWarnings("unchecked")
				Handling<String> handler = context.getBean(Handling.class);
				assertThat(handler.handle("a")).isEqualTo("a1");
				assertThat(handler.handle("a")).isEqualTo("a1");
			});
	}

	@Test
	void propertiesCountOverTheAnnotation() {
		this.runner
			.withPropertyValues("idempotency.operations.annotated-class-refund.ttl=9h",
					"idempotency.operations.annotated-class-refund.on-concurrent=wait",
					"idempotency.operations.annotated-class-refund.lease=3s", "idempotency.ttl=8h",
					"idempotency.wait-timeout=7s")
			.withUserConfiguration(AnnotatedClass.class, PlainPayments.class)
			.run((context) -> {
				OperationSpec spec = spec(context, AnnotatedClass.class, "refund");

				assertThat(spec.ttl()).isEqualTo(Duration.ofHours(9));
				assertThat(spec.onConcurrent()).isEqualTo(OnConcurrent.WAIT);
				assertThat(spec.onUnknown()).isEqualTo(OnUnknown.HOLD);
				assertThat(spec.lease()).isEqualTo(Duration.ofSeconds(3));
				assertThat(spec.waitTimeout()).isEqualTo(Duration.ofSeconds(7));
				assertThat(spec(context, AnnotatedClass.class, "charge").ttl()).isEqualTo(Duration.ofHours(1));
				assertThat(spec(context, PlainPayments.class, "chargeLater").ttl()).isEqualTo(Duration.ofHours(8));
			});
	}

	@Test
	void placeholdersAreResolvedInEveryText() {
		this.runner
			.withPropertyValues("payments.key=#order", "payments.window=1d", "payments.name=pay",
					"payments.store=memory")
			.withUserConfiguration(Placeholders.class)
			.run((context) -> {
				OperationSpec spec = spec(context, Placeholders.class, "charge");

				assertThat(spec.name()).isEqualTo("pay");
				assertThat(spec.ttl()).isEqualTo(Duration.ofHours(36));
				assertThat(spec.window()).hasToString("1d");
				assertThat(operation(context, Placeholders.class, "charge").keySource())
					.isEqualTo(KeySource.EXPRESSION);
			});
	}

	@Test
	void placeholderWithoutValueFailsTheStart() {
		this.runner.withUserConfiguration(Placeholders.class)
			.withConfiguration(AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class))
			.run((context) -> assertThat(context).getFailure().hasMessageContaining("payments.name"));
	}

	@Test
	void durationsHaveBothForms() {
		with(Durations.class, (context) -> {
			assertThat(spec(context, Durations.class, "simple").ttl()).isEqualTo(Duration.ofSeconds(90));
			assertThat(spec(context, Durations.class, "iso").ttl()).isEqualTo(Duration.ofHours(36));
		});
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void digestOfAllArgumentsIsNamedOnceInTheLog(CapturedOutput output) {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withUserConfiguration(OfInterfaceMethod.class)
			.run((context) -> {
				context.getBean(InterfaceMethod.class).charge("a");
				context.getBean(InterfaceMethod.class).charge("b");

				assertThat(StringUtils.countOccurrencesOf(output.getAll(), "a digest of (order) is used")).isOne();
			});
	}

	@Test
	void scheduledMethodWithoutResultIsSkippedWhileItRunsElsewhere() {
		with(Tasks.class, (context) -> {
			assertThat(spec(context, Tasks.class, "report").onConcurrent()).isEqualTo(OnConcurrent.SKIP);
			assertThat(spec(context, Tasks.class, "reportTwice").onConcurrent()).isEqualTo(OnConcurrent.SKIP);
			assertThat(spec(context, Tasks.class, "reportAndWait").onConcurrent()).isEqualTo(OnConcurrent.WAIT);
			assertThat(spec(context, Tasks.class, "reportWithResult").onConcurrent()).isEqualTo(OnConcurrent.WAIT);
			assertThat(spec(context, Tasks.class, "reportByHand").onConcurrent()).isEqualTo(OnConcurrent.WAIT);
		});
	}

	@Test
	void whatAllOperationsDoCountsForScheduledMethodsToo() {
		this.runner.withPropertyValues("idempotency.on-concurrent=reject")
			.withUserConfiguration(Tasks.class)
			.run((context) -> assertThat(spec(context, Tasks.class, "report").onConcurrent())
				.isEqualTo(OnConcurrent.REJECT));
	}

	@Test
	void methodWithResultCannotBeSkipped() {
		this.runner.withPropertyValues("idempotency.operations.tasks-report-with-result.on-concurrent=skip")
			.withUserConfiguration(Tasks.class)
			.run((context) -> assertThat(GuardedContext.refusal(context)).hasMessageContaining("on-concurrent=skip"));
	}

	private void with(Class<?> type, Consumer<AssertableApplicationContext> test) {
		this.runner.withUserConfiguration(type).run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context);
		});
	}

	private static OperationSpec spec(BeanFactory context, Class<?> type, String method) {
		return operation(context, type, method).spec();
	}

	private static MethodOperation operation(BeanFactory context, Class<?> type, String method) {
		return context.getBean(MethodOperations.class)
			.of(ReflectionUtils.findMethod(type, method, (Class<?>[]) null), type);
	}

	static class PlainPayments {

		@Idempotent
		public String chargeLater(String order) {
			return order;
		}

	}

	static class Tasks {

		@Scheduled(cron = "0 0 6 * * *")
		@Idempotent(window = "1d")
		public void report() {
		}

		@Scheduled(cron = "0 0 6 * * *")
		@Scheduled(cron = "0 0 18 * * *")
		@Idempotent(window = "6h")
		public void reportTwice() {
		}

		@Scheduled(cron = "0 0 6 * * *")
		@Idempotent(window = "1d", onConcurrent = OnConcurrent.WAIT)
		public void reportAndWait() {
		}

		@Scheduled(cron = "0 0 6 * * *")
		@Idempotent(window = "1d")
		public String reportWithResult() {
			return "";
		}

		@Idempotent(window = "1d")
		public void reportByHand() {
		}

	}

	@Idempotent(ttl = "1h", onConcurrent = OnConcurrent.REJECT)
	static class AnnotatedClass {

		public String charge(String order) {
			return order;
		}

		@Idempotent(ttl = "2h", onUnknown = OnUnknown.HOLD)
		public String refund(String order) {
			return order;
		}

		String internal(String order) {
			return order;
		}

	}

	interface InterfaceMethod {

		@Idempotent(ttl = "3h")
		String charge(String order);

	}

	static class OfInterfaceMethod implements InterfaceMethod {

		@Override
		public String charge(String order) {
			return order;
		}

	}

	@Idempotent(ttl = "4h")
	interface InterfaceType {

		String charge(String order);

	}

	static class OfInterfaceType implements InterfaceType {

		@Override
		public String charge(String order) {
			return order;
		}

	}

	static class OverInterface implements InterfaceMethod {

		@Override
		@Idempotent(ttl = "5h")
		public String charge(String order) {
			return order;
		}

	}

	abstract static class Superclass {

		@Idempotent
		public String charge(String order) {
			return order;
		}

	}

	static class Subclass extends Superclass {

		@Override
		public String charge(String order) {
			return "sub " + order;
		}

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@Idempotent(onUnknown = OnUnknown.HOLD)
	@interface Once {

		@AliasFor(annotation = Idempotent.class, attribute = "key")
		String by() default "";

		@AliasFor(annotation = Idempotent.class, attribute = "ttl")
		String keep() default "6h";

	}

	static class Composed {

		private int runs;

		@Once
		public String charge(String order) {
			return order;
		}

		@Once(by = "#key", keep = "7h")
		public int refund(String order, String key) {
			return ++this.runs;
		}

	}

	abstract static class Handler<A, R> {

		@Idempotent
		public R handle(A argument) {
			return work(argument);
		}

		abstract R work(A argument);

	}

	static class StringHandler extends Handler<String, List<Integer>> {

		private int runs;

		@Override
		List<Integer> work(String argument) {
			return List.of(++this.runs);
		}

	}

	interface Handling<A> {

		String handle(A argument);

	}

	static class BridgedHandler implements Handling<String> {

		private int runs;

		@Override
		@Idempotent
		public String handle(String argument) {
			return argument + ++this.runs;
		}

	}

	static class Placeholders {

		@Idempotent(key = "${payments.key}", operation = "${payments.name}", ttl = "${payments.ttl:36h}",
				window = "${payments.window}", store = "${payments.store}")
		public String charge(String order) {
			return order;
		}

	}

	static class Durations {

		@Idempotent(ttl = "90s")
		public String simple(String order) {
			return order;
		}

		@Idempotent(ttl = "PT36H")
		public String iso(String order) {
			return order;
		}

	}

}
