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

package io.idempotency.web;

import java.security.Principal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.RememberMeAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ScopesTests {

	@Test
	void differentAnswersNeverMakeTheSameScope() {
		List<String> answers = new ArrayList<>(
				List.of("", "-", "--", ":", "0:", "1:", "1:a", "a", "a1:a", "1", "-1:a", "a-", "0", "\ud83d\ude00"));
		answers.add(null);
		Set<String> scopes = new HashSet<>();
		int count = 0;

		for (String first : answers) {
			scopes.add(scope(first));
			count++;
			for (String second : answers) {
				scopes.add(scope(first, second));
				count++;
				for (String third : answers) {
					scopes.add(scope(first, second, third));
					count++;
				}
			}
		}

		assertThat(scopes).hasSize(count);
	}

	private static String scope(String... answers) {
		List<ScopeResolver> resolvers = new ArrayList<>();
		for (String answer : answers) {
			resolvers.add((caller) -> answer);
		}
		return new Scopes(resolvers, AnonymousCallers.SHARED).of(new Caller(null, Map.of()));
	}

	@Test
	void formIsFixed() {
		assertThat(scope()).isEmpty();
		assertThat(scope("bob", null, "")).isEqualTo("3:bob-0:");
	}

	@Test
	void callerOfWhomNothingIsKnownIsRefusedWhereThatIsSaid() {
		Scopes scopes = new Scopes(List.<ScopeResolver>of((caller) -> null, new HeaderScopeResolver("X-Tenant")),
				AnonymousCallers.REFUSED);

		assertThat(scopes.of(new Caller(null, Map.of("x-tenant", List.of("acme"))))).isEqualTo("-4:acme");
		assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> scopes.of(new Caller(null, Map.of())))
			.satisfies((ex) -> assertThat(ex.problem().type()).isEqualTo(ProblemType.ANONYMOUS_CALLER));
	}

	@Test
	void everybodyCannotBeRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Scopes(List.of(), AnonymousCallers.REFUSED))
			.withMessageContaining("define a ScopeResolver bean");
	}

	@Test
	void principalIsKnownByName() {
		Principal token = new TestingAuthenticationToken("bob", "token 1");
		Principal rotated = new TestingAuthenticationToken("bob", "token 2");
		Principal remembered = new RememberMeAuthenticationToken("key", "bob",
				AuthorityUtils.createAuthorityList("USER"));

		assertThat(principalScope(token)).isEqualTo("bob");
		assertThat(principalScope(rotated)).isEqualTo("bob");
		assertThat(principalScope(remembered)).isEqualTo("bob");
		assertThat(principalScope(() -> "")).isEmpty();
	}

	@Test
	void nobodyHasNoScope() {
		AnonymousAuthenticationToken anonymous = new AnonymousAuthenticationToken("key", "anonymousUser",
				AuthorityUtils.createAuthorityList("ANONYMOUS"));
		AnonymousAuthenticationToken derived = new AnonymousAuthenticationToken("key", "anonymousUser",
				AuthorityUtils.createAuthorityList("ANONYMOUS")) {
		};

		assertThat(principalScope(null)).isNull();
		assertThat(principalScope(anonymous)).isNull();
		assertThat(principalScope(derived)).isNull();
	}

	@Test
	void principalWithoutNameIsRefused() {
		Principal nameless = () -> null;

		assertThatIllegalStateException().isThrownBy(() -> principalScope(nameless))
			.withMessageContaining("define a ScopeResolver bean");
	}

	private static String principalScope(Principal principal) {
		return new PrincipalScopeResolver().resolve(new Caller(principal, Map.of()));
	}

	@Test
	void headerIsTheScope() {
		HeaderScopeResolver resolver = new HeaderScopeResolver("X-Tenant");

		assertThat(resolver.resolve(new Caller(null, Map.of()))).isNull();
		assertThat(resolver.resolve(new Caller(null, Map.of("x-tenant", List.of(" acme\t"))))).isEqualTo("acme");
		assertThat(resolver.resolve(new Caller(null, Map.of("x-tenant", List.of("", "acme"))))).isEqualTo(", acme");
		assertThat(resolver.resolve(new Caller(null, Map.of("x-tenant", List.of("a", "b"))))).isEqualTo("a, b");
	}

	@Test
	void headerWithoutAValueNamesNobody() {
		HeaderScopeResolver resolver = new HeaderScopeResolver("X-Tenant");
		Scopes scopes = new Scopes(List.of(resolver), AnonymousCallers.REFUSED);

		for (List<String> lines : List.of(List.of(""), List.of(" \t"), List.of("", " "))) {
			Caller caller = new Caller(null, Map.of("x-tenant", lines));
			assertThat(resolver.resolve(caller)).isNull();
			assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> scopes.of(caller));
		}
	}

	@Test
	void nameOfTheHeaderIsAToken() {
		assertThatIllegalArgumentException().isThrownBy(() -> new HeaderScopeResolver("X Tenant"));
	}

	private record Caller(Principal principal, Map<String, List<String>> headers) implements HttpCaller {

		@Override
		public List<String> header(String name) {
			return this.headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
		}

		@Override
		public String path() {
			return "/";
		}

	}

}
