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

package io.idempotency.docs;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;

import org.springframework.stereotype.Service;

/**
 * The code of {@code docs/steps.md}.
 */
final class StepExamples {

	private StepExamples() {
	}

	interface Profiles {

		Profile save(ProfileUpdate update);

	}

	interface Search {

		void index(Profile profile);

	}

	interface Mail {

		void send(Profile profile, String key);

	}

	interface Stock {

		String reserve(Order order, String key);

		void cancel(String reservation);

	}

	interface Bank {

		void charge(Order order, String key);

		void refund(Order order, String key);

	}

	interface Carrier {

		String pickUp(Order order, String reservation, String key);

	}

	record ProfileUpdate(String id, String userId, String name) {
	}

	record Profile(String userId, String name) {
	}

	record Order(String id, List<String> items) {
	}

	@SuppressWarnings("serial")
	public static class OrderRefusedException extends RuntimeException {

		public OrderRefusedException(String message) {
			super(message);
		}

	}

	@Service
	static class ProfileService {

		private final Profiles profiles;

		private final Search search;

		private final Mail mail;

		ProfileService(Profiles profiles, Search search, Mail mail) {
			this.profiles = profiles;
			this.search = search;
			this.mail = mail;
		}

		// region profile
		@Idempotent("#update.id")
		public Profile update(ProfileUpdate update, DurableSteps steps) {
			Profile profile = steps.step("save")
				.transactional()
				.run(Profile.class, () -> this.profiles.save(update))
				.value();
			steps.step("index").retry(3, Duration.ofSeconds(1)).run(() -> this.search.index(profile));
			steps.run("email", () -> this.mail.send(profile, key("email")));
			return profile;
		}

		private static String key(String step) {
			return IdempotencyContext.current().orElseThrow().deriveKey(step);
		}
		// endregion

	}

	@Service
	static class ProfileCaller {

		private final ProfileService profiles;

		ProfileCaller(ProfileService profiles) {
			this.profiles = profiles;
		}

		// region caller
		Profile update(ProfileUpdate update) {
			return this.profiles.update(update, DurableSteps.ofTheGuard());
		}
		// endregion

	}

	@Service
	static class OrderService {

		private final Stock stock;

		private final Bank bank;

		private final Carrier carrier;

		OrderService(Stock stock, Bank bank, Carrier carrier) {
			this.stock = stock;
			this.bank = bank;
			this.carrier = carrier;
		}

		// region saga
		@Idempotent(key = "#order.id", rememberFailures = OrderRefusedException.class)
		public String place(Order order, DurableSteps steps) {
			String reservation = steps.run("reserve", String.class, () -> this.stock.reserve(order, key("reserve")))
				.compensateWith(this.stock::cancel)
				.value();
			steps.run("charge", () -> this.bank.charge(order, key("charge")))
				.compensateWith(() -> this.bank.refund(order, key("refund")));
			return steps.run("pick-up", String.class, () -> this.carrier.pickUp(order, reservation, key("pick-up")))
				.value();
		}
		// endregion

		private static String key(String step) {
			return IdempotencyContext.current().orElseThrow().deriveKey(step);
		}

	}

	@Service
	static class Warehouse {

		private final Executor threads;

		private final Stock stock;

		Warehouse(Executor threads, Stock stock) {
			this.threads = threads;
			this.stock = stock;
		}

		// region parallel
		@Idempotent("#order.id")
		public List<String> pack(Order order, DurableSteps steps) {
			List<CompletableFuture<String>> packing = order.items()
				.stream()
				.map((item) -> CompletableFuture.supplyAsync(
						() -> steps.run("pack/" + item, String.class, () -> pack(order, item)).value(), this.threads))
				.toList();
			return packing.stream().map(CompletableFuture::join).toList();
		}
		// endregion

		private String pack(Order order, String item) {
			return this.stock.reserve(order, item);
		}

		// region renamed
		@Idempotent("#order.id")
		public String reserve(Order order, DurableSteps steps) {
			return steps.step("reserve")
				.formerly("set-aside")
				.run(String.class, () -> this.stock.reserve(order, order.id()))
				.value();
		}
		// endregion

	}

}
