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

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;

import io.idempotency.Idempotent;
import io.idempotency.web.conformance.Desk.Receipt;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.converter.HttpMessageConversionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.ModelAndView;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose other filters and views have a part in guarded requests.
 */
@SpringBootTest(classes = { ConformanceApplication.class, NeighboursVariantTests.Neighbours.class },
		webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { ConformanceApplication.TOMCAT, "spring.mvc.formcontent.filter.enabled=false" })
class NeighboursVariantTests extends SettingsVariant {

	@Test
	void callersThatALaterFilterFindsOutDoNotMeet() {
		Call call = post("/neighbours/caller");

		assertThat(call.header(CallersFilter.USER, "alice").send().text()).isEqualTo("secret of alice");
		assertThat(call.header(CallersFilter.USER, "bob").send().text()).isEqualTo("secret of bob");
	}

	@Test
	void whatALaterFilterRefusesIsNotKept() {
		Call call = post("/routed/charges");

		assertThat(call.header(CallersFilter.REFUSED, "1").send().status()).isEqualTo(400);

		assertThat(call.send().status()).isEqualTo(200);
	}

	@Test
	void bodyThatAnEarlierFilterMadeLongerIsReadToItsEnd() {
		Call call = post("/neighbours/length").body("text/plain", "short").header(LongerBodyFilter.LONGER, "1");

		assertThat(call.send().text()).isEqualTo("1000");
	}

	@Test
	void handlerIsDoneThoughAViewTellsThatItsResponseFailed() {
		Call call = post("/neighbours/unwritable");

		assertThat(call.send().text()).isEqualTo("sorry");

		assertProblem(call.send(), 409, NOT_REPLAYABLE);
		assertThat(call.runs()).isEqualTo(1);
	}

	@Test
	void fieldsThatTheContainerLeavesInTheBodyAreCompared() {
		Call call = post("/neighbours/form").method("PATCH");
		Answer first = call.body("application/x-www-form-urlencoded", "amount=1").send();

		assertThat(first.text()).isEqualTo("amount=1");
		assertReplay(call.body("application/x-www-form-urlencoded", "amount=1").send(), first);
		assertRefused(call.body("application/x-www-form-urlencoded", "amount=2"), 422, KEY_REUSED);
	}

	@Configuration(proxyBeanMethods = false)
	@Import(Handlers.class)
	static class Neighbours {

		@Bean
		FilterRegistrationBean<CallersFilter> callers() {
			return new FilterRegistrationBean<>(new CallersFilter());
		}

		@Bean
		FilterRegistrationBean<LongerBodyFilter> longerBodies() {
			FilterRegistrationBean<LongerBodyFilter> filter = new FilterRegistrationBean<>(new LongerBodyFilter());
			filter.setOrder(-200);
			return filter;
		}

	}

	/** Knows callers by a header, and refuses some, behind the idempotency filter. */
	static class CallersFilter extends OncePerRequestFilter {

		static final String USER = "X-User";

		static final String REFUSED = "X-Refused";

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			if (request.getHeader(REFUSED) != null) {
				response.sendError(400, "refused");
				return;
			}
			String user = request.getHeader(USER);
			chain.doFilter((user == null) ? request : new HttpServletRequestWrapper(request) {

				@Override
				public Principal getUserPrincipal() {
					return () -> user;
				}

			}, response);
		}

	}

	/** Inflates bodies, and leaves their announced length as it was. */
	static class LongerBodyFilter extends OncePerRequestFilter {

		static final String LONGER = "X-Longer";

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			chain.doFilter((request.getHeader(LONGER) == null) ? request : new HttpServletRequestWrapper(request) {

				private final ServletInputStream body = new Thousand();

				@Override
				public ServletInputStream getInputStream() {
					return this.body;
				}

			}, response);
		}

	}

	private static final class Thousand extends ServletInputStream {

		private final ByteArrayInputStream bytes = new ByteArrayInputStream(
				"x".repeat(1000).getBytes(StandardCharsets.US_ASCII));

		@Override
		public int read() {
			return this.bytes.read();
		}

		@Override
		public boolean isFinished() {
			return this.bytes.available() == 0;
		}

		@Override
		public boolean isReady() {
			return true;
		}

		@Override
		public void setReadListener(ReadListener listener) {
			throw new UnsupportedOperationException();
		}

	}

	@RestController
	static class Handlers {

		private final Desk desk;

		Handlers(Desk desk) {
			this.desk = desk;
		}

		@PostMapping("/neighbours/caller")
		@Idempotent(operation = "neighbours-caller")
		String caller(Principal principal) {
			return "secret of " + principal.getName();
		}

		@PostMapping("/neighbours/length")
		@Idempotent(operation = "neighbours-length")
		String length(HttpServletRequest request) throws IOException {
			return Integer.toString(request.getInputStream().readAllBytes().length);
		}

		@PatchMapping("/neighbours/form")
		@Idempotent(operation = "neighbours-form")
		String form(@RequestBody String body) {
			return body;
		}

		@PostMapping("/neighbours/unwritable")
		@Idempotent(operation = "neighbours-unwritable")
		Unwritable unwritable(@RequestHeader(Desk.PROBE) String probe) {
			return new Unwritable(this.desk.work(probe, null));
		}

		@ExceptionHandler
		ModelAndView sorry(HttpMessageConversionException ex) {
			return new ModelAndView((model, request, response) -> {
				response.setStatus(500);
				response.getOutputStream().write("sorry".getBytes(StandardCharsets.US_ASCII));
			});
		}

	}

	static class Unwritable {

		private final Receipt receipt;

		Unwritable(Receipt receipt) {
			this.receipt = receipt;
		}

		public String getName() {
			throw new IllegalStateException("cannot be read: " + this.receipt.nonce());
		}

	}

}
