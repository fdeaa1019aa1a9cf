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

package io.idempotency;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.jspecify.annotations.NullMarked;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/**
 * The directions of dependencies, and the habits that a machine can check. A rule on a
 * package that is not there yet holds, and waits for it.
 */
@AnalyzeClasses(packages = "io.idempotency", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String ROOT = "io.idempotency";

	private static final String STORE = ROOT + ".store";

	private static final String ANY_STORE = STORE + ".*..";

	private static final String CODEC = ROOT + ".codec..";

	private static final String KEY = ROOT + ".key..";

	private static final String ENGINE = ROOT + ".engine..";

	private static final String AUTOCONFIGURE = ROOT + ".autoconfigure..";

	private static final String ACTUATE = ROOT + ".actuate..";

	private static final List<String> EDGES = List.of("method", "web", "messaging", "client", "step", "batch");

	/** A handler and a listener are guarded methods, so their edges stand on this one. */
	private static final String METHOD = "method";

	// Directions

	@ArchTest
	static final ArchRule packagesHaveNoCycles = slices()
		.assignedFrom(slicedBy("package", (type) -> SliceIdentifier.of(type.getPackageName())))
		.should()
		.beFreeOfCycles();

	@ArchTest
	static final ArchRule publicApiSeesNothingElseOfOurs = ofOursOnlySees(ROOT, ROOT);

	@ArchTest
	static final ArchRule storeSpiSeesOnlyTheApi = ofOursOnlySees(STORE, ROOT, STORE);

	@ArchTest
	static final ArchRule storesSeeOnlyTheApiAndTheSpi = ofOursOnlySees(ANY_STORE, ROOT, STORE + "..");

	@ArchTest
	static final ArchRule storesDoNotSeeOneAnotherButJpaIsMadeOfSql = slices().matching(STORE + ".(*)..")
		.should()
		.notDependOnEachOther()
		.ignoreDependency(resideInAPackage(STORE + ".jpa.."), resideInAPackage(STORE + ".sql.."))
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule codecSeesOnlyTheModel = ofOursOnlySees(CODEC, ROOT, STORE, CODEC);

	@ArchTest
	static final ArchRule keySeesOnlyTheModel = ofOursOnlySees(KEY, ROOT, STORE, KEY);

	@ArchTest
	static final ArchRule engineSeesNoEdgeAndNoStoreTechnology = ofOursOnlySees(ENGINE, ROOT, STORE, CODEC, KEY,
			ENGINE);

	@ArchTest
	static final ArchRule edgesSeeNoStoreTechnology = noClasses()
		.that(resideInAnyPackage(EDGES.stream().map((edge) -> ROOT + "." + edge + "..").toArray(String[]::new)))
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ANY_STORE)
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule methodSeesNoOtherEdge = ofOursOnlySees(ROOT + "." + METHOD + "..", ROOT, STORE, CODEC, KEY,
			ENGINE, ROOT + "." + METHOD + "..");

	@ArchTest
	static final ArchRule edgesDoNotSeeOneAnother = slices().assignedFrom(slicedBy("edge", ArchitectureTests::edgeOf))
		.should()
		.notDependOnEachOther()
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule webStacksDoNotSeeOneAnother = slices().matching(ROOT + ".web.(*)..")
		.should()
		.notDependOnEachOther()
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule brokersDoNotSeeOneAnother = slices().matching(ROOT + ".messaging.(*)..")
		.should()
		.notDependOnEachOther()
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule nobodySeesTheAutoConfiguration = staysIn(List.of(AUTOCONFIGURE), AUTOCONFIGURE);

	// Optional and foreign technology

	@ArchTest
	static final ArchRule springBootStaysInAutoConfigurationAndActuate = staysIn(List.of("org.springframework.boot.."),
			AUTOCONFIGURE, ACTUATE);

	@ArchTest
	static final ArchRule redisStaysInItsStore = staysIn(List.of("io.lettuce..", "org.springframework.data.redis.."),
			STORE + ".redis..", AUTOCONFIGURE);

	@ArchTest
	static final ArchRule persistenceStaysInItsStoreAndTransaction = noClasses().that()
		.resideOutsideOfPackages(STORE + ".jpa..", AUTOCONFIGURE)
		.and()
		.doNotHaveFullyQualifiedName(STORE + ".sql.PersistenceContext")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("jakarta.persistence..", "org.springframework.orm..");

	// Habits

	@ArchTest
	static final ArchRule packagesAreNullMarked = classes().should(resideInANullMarkedPackage());

	@ArchTest
	static final ArchRule namesSayWhatAClassIs = noClasses().should()
		.haveNameMatching(".*(Manager|Helpers?|Utils?|Impl)(\\$.*)?");

	@ArchTest
	static final ArchRule nobodySleeps = noClasses().should().callMethodWhere(sleeps());

	private static ArchRule ofOursOnlySees(String subject, String... seen) {
		DescribedPredicate<JavaClass> unseen = resideInAPackage(ROOT + "..")
			.and(DescribedPredicate.not(resideInAnyPackage(seen)));
		return noClasses().that()
			.resideInAPackage(subject)
			.should()
			.dependOnClassesThat(unseen)
			.as("of ours, " + subject + " should only see " + String.join(", ", seen))
			.allowEmptyShould(true);
	}

	private static ArchRule staysIn(List<String> technology, String... places) {
		return noClasses().that()
			.resideOutsideOfPackages(places)
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage(technology.toArray(String[]::new))
			.allowEmptyShould(true);
	}

	private static SliceIdentifier edgeOf(JavaClass type) {
		return EDGES.stream()
			.filter((edge) -> !edge.equals(METHOD))
			.filter((edge) -> (type.getPackageName() + ".").startsWith(ROOT + "." + edge + "."))
			.findFirst()
			.map(SliceIdentifier::of)
			.orElse(SliceIdentifier.ignore());
	}

	private static SliceAssignment slicedBy(String what, Function<JavaClass, SliceIdentifier> identifier) {
		return new SliceAssignment() {

			@Override
			public SliceIdentifier getIdentifierOf(JavaClass type) {
				return identifier.apply(type);
			}

			@Override
			public String getDescription() {
				return "slices by " + what;
			}

		};
	}

	private static DescribedPredicate<JavaMethodCall> sleeps() {
		return DescribedPredicate.describe("it sleeps",
				(call) -> call.getName().equals("sleep") && (call.getTargetOwner().isEquivalentTo(Thread.class)
						|| call.getTargetOwner().isEquivalentTo(TimeUnit.class)));
	}

	private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
		return new ArchCondition<>("reside in a package that is @NullMarked") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
				events.add(new SimpleConditionEvent(type, marked,
						type.getPackageName() + (marked ? " is" : " is not") + " @NullMarked"));
			}

		};
	}

}
