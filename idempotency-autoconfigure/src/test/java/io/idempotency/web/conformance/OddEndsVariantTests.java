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
import java.io.InputStream;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import io.idempotency.Idempotent;
import io.idempotency.web.conformance.Desk.Receipt;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.DeferredResultProcessingInterceptor;
import org.springframework.web.context.request.async.WebAsyncUtils;
import org.springframework.web.filter.OncePerRequestFilter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Requests whose end comes from where it is seldom looked for.
 */
class OddEndsVariantTests {

	abstract static class Odd extends SettingsVariant {

		@Test
		void keyIsNotFreeWhileTheWorkGoesOnThoughItsTimeoutFails() {
			Call call = post("/odd/time-out").gated();
			assertThat(call.send().status()).isEqualTo(500);

			assertProblem(call.send(), 409, IN_PROGRESS);

			assertThat(call.runs()).isEqualTo(1);
			call.openGate();
		}

		@Test
		void keyIsNotFreeWhileTheWorkGoesOnThoughAFilterFailed() {
			Call call = post("/odd/patient").gated().header(OddFilter.ODD, "fails");
			assertThat(call.send().status()).isEqualTo(500);

			assertProblem(call.without(OddFilter.ODD).send(), 409, IN_PROGRESS);

			assertThat(call.runs()).isEqualTo(1);
			call.openGate();
		}

		@Test
		void requestThatALaterFilterSuspendsIsGuarded() {
			Call call = post("/charges").header(OddFilter.ODD, "suspends").body("{\"amount\":1}");
			Answer first = call.send();
			assertThat(first.status()).isEqualTo(200);

			assertReplay(call.send(), first);
			assertReplay(call.without(OddFilter.ODD).send(), first);
			assertRefused(call.body("{\"amount\":2}"), 422, KEY_REUSED);
			assertThat(call.runs()).isEqualTo(1);
		}

		@Test
		void formThatIsTakenAsAStreamIsCompared() {
			Call call = post("/odd/stream");
			String form = "application/x-www-form-urlencoded";
			Answer first = call.body(form, "amount=1").send();
			assertThat(first.status()).isEqualTo(200);

			assertReplay(call.body(form, "amount=1").send(), first);
			assertRefused(call.body(form, "amount=2"), 422, KEY_REUSED);
		}

		@ParameterizedTest
		@ValueSource(strings = { "/charges", "/routed/charges" })
		void bodyThatALaterFilterReadsIsCompared(String target) {
			Call call = post(target).header(OddFilter.ODD, "caches").body("{\"amount\":1}");
			Answer first = call.send();
			assertThat(first.status()).isEqualTo(200);

			assertReplay(call.send(), first);
			assertRefused(call.body("{\"amount\":2}"), 422, KEY_REUSED);
		}

		@Test
		void bodyThatALaterFilterTakesAwayIsMissed() {
			Call call = post("/routed/charges").header(OddFilter.ODD, "empties").body("{\"amount\":1}");

			assertThat(call.send().status()).isEqualTo(500);

			assertThat(call.runs()).isZero();
		}

		@Test
		void resultThatComesAtTheLastMomentIsNotForgotten() {
			Call call = post("/odd/late");
			Answer first = call.send();

			Answer second = call.sendUntilAnswered();

			assertThat(call.runs()).as(first + " then " + second).isEqualTo(1);
		}

		@Test
		void workIsDoneThoughItsResponseCannotBeRead() {
			Call call = post("/charges").header(UnreadableFilter.UNREADABLE, "1");
			Answer first = call.send();

			Answer second = call.without(UnreadableFilter.UNREADABLE).sendUntilAnswered();

			assertThat(call.runs()).as(first + " then " + second).isEqualTo(1);
		}

	}

	@Nested
	@SpringBootTest(classes = { ConformanceApplication.class, Oddities.class },
			webEnvironment = WebEnvironment.RANDOM_PORT, properties = ConformanceApplication.TOMCAT)
	class OnTomcat extends Odd {

	}

	@Nested
	@SpringBootTest(classes = { ConformanceApplication.class, Oddities.class },
			webEnvironment = WebEnvironment.RANDOM_PORT, properties = ConformanceApplication.JETTY)
	class OnJetty extends Odd {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Handlers.class)
	static class Oddities {

		@Bean
		FilterRegistrationBean<OddFilter> oddFilter(Executor conformanceExecutor) {
			FilterRegistrationBean<OddFilter> filter = new FilterRegistrationBean<>(new OddFilter(conformanceExecutor));
			filter.setDispatcherTypes(DispatcherType.REQUEST);
			return filter;
		}

		@Bean
		FilterRegistrationBean<UnreadableFilter> unreadableFilter() {
			FilterRegistrationBean<UnreadableFilter> filter = new FilterRegistrationBean<>(new UnreadableFilter());
			filter.setOrder(-200);
			return filter;
		}

	}

	static class SlowInterceptor implements DeferredResultProcessingInterceptor {

		@Override
		public <T> void postProcess(NativeWebRequest request, DeferredResult<T> deferred, Object result) {
			if (deferred instanceof Late<?> late) {
				late.awaitTimeout();
			}
		}

	}

	static class Late<T> extends DeferredResult<T> {

		private final CountDownLatch over = new CountDownLatch(1);

		Late() {
			super(1000L);
			onCompletion(this.over::countDown);
		}

		void awaitTimeout() {
			try {
				this.over.await(5, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	static class OddFilter extends OncePerRequestFilter {

		static final String ODD = "X-Odd";

		private final Executor executor;

		OddFilter(Executor executor) {
			this.executor = executor;
		}

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			if ("suspends".equals(request.getHeader(ODD))) {
				AsyncContext suspended = request.startAsync();
				this.executor.execute(suspended::dispatch);
				return;
			}
			if ("empties".equals(request.getHeader(ODD))) {
				request.getInputStream().readAllBytes();
			}
			chain.doFilter("caches".equals(request.getHeader(ODD)) ? new Cached(request) : request, response);
			if ("fails".equals(request.getHeader(ODD))) {
				throw new IllegalStateException("A filter fails after the handler");
			}
		}

	}

	private static final class Cached extends HttpServletRequestWrapper {

		private final byte[] body;

		Cached(HttpServletRequest request) throws IOException {
			super(request);
			this.body = request.getInputStream().readAllBytes();
		}

		@Override
		public ServletInputStream getInputStream() {
			ByteArrayInputStream bytes = new ByteArrayInputStream(this.body);
			return new ServletInputStream() {

				@Override
				public int read() {
					return bytes.read();
				}

				@Override
				public boolean isFinished() {
					return bytes.available() == 0;
				}

				@Override
				public boolean isReady() {
					return true;
				}

				@Override
				public void setReadListener(ReadListener listener) {
					throw new UnsupportedOperationException();
				}

			};
		}

	}

	static class UnreadableFilter extends OncePerRequestFilter {

		static final String UNREADABLE = "X-Unreadable";

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			if (request.getHeader(UNREADABLE) == null) {
				chain.doFilter(request, response);
				return;
			}
			chain.doFilter(request, new HttpServletResponseWrapper(response) {

				private int asked;

				@Override
				public Collection<String> getHeaderNames() {
					if (this.asked++ > 0) {
						throw new IllegalStateException("This filter cannot tell headers");
					}
					return super.getHeaderNames();
				}

			});
		}

	}

	@RestController
	static class Handlers {

		private final Desk desk;

		private final Executor executor;

		Handlers(Desk desk, Executor conformanceExecutor) {
			this.desk = desk;
			this.executor = conformanceExecutor;
		}

		@PostMapping("/odd/time-out")
		@Idempotent(operation = "odd-time-out")
		DeferredResult<Receipt> timeout(@RequestHeader(Desk.PROBE) String probe,
				@RequestHeader(Desk.GATE) String gate) {
			DeferredResult<Receipt> result = new DeferredResult<>(300L);
			result.onTimeout(() -> result.setErrorResult(new IllegalStateException("too late")));
			this.executor.execute(() -> result.setResult(this.desk.work(probe, gate)));
			return result;
		}

		@PostMapping("/odd/patient")
		@Idempotent(operation = "odd-patient")
		CompletableFuture<Receipt> patient(@RequestHeader(Desk.PROBE) String probe,
				@RequestHeader(Desk.GATE) String gate) {
			return CompletableFuture.supplyAsync(() -> this.desk.work(probe, gate), this.executor);
		}

		@PostMapping("/odd/late")
		@Idempotent(operation = "odd-late")
		DeferredResult<Receipt> late(@RequestHeader(Desk.PROBE) String probe, HttpServletRequest request) {
			WebAsyncUtils.getAsyncManager(request)
				.registerDeferredResultInterceptor(SlowInterceptor.class, new SlowInterceptor());
			Late<Receipt> result = new Late<>();
			this.executor.execute(() -> {
				Receipt receipt = this.desk.work(probe, null);
				// Fails, because the request is over
				catchThrowable(() -> result.setResult(receipt));
			});
			return result;
		}

		@PostMapping("/odd/stream")
		@Idempotent(operation = "odd-stream")
		byte[] stream(@RequestHeader(Desk.PROBE) String probe, InputStream body) throws IOException {
			this.desk.work(probe, null);
			return body.readAllBytes();
		}

	}

}
