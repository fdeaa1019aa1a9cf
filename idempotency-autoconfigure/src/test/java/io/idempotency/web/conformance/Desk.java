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

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The work behind all endpoints: it counts its runs, can be held at a gate, and gives out
 * receipts of which no two are equal. Safe for use by many threads.
 */
final class Desk {

	static final String PROBE = "X-Probe";

	static final String GATE = "X-Gate";

	private static final int TIMEOUT_SECONDS = 15;

	private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

	private final Map<String, Gate> gates = new ConcurrentHashMap<>();

	/**
	 * Do the work.
	 * @param probe whose run this is
	 * @param gate where to wait, if anywhere
	 * @return the receipt
	 */
	Receipt work(String probe, @Nullable String gate) {
		Receipt receipt = begin(probe);
		pass(gate);
		return receipt;
	}

	Receipt begin(String probe) {
		return begin(probe, IdempotencyContext.current());
	}

	private Receipt begin(String probe, Optional<IdempotencyContext> context) {
		int run = this.runs.computeIfAbsent(probe, (name) -> new AtomicInteger()).incrementAndGet();
		return new Receipt(run, context.map(IdempotencyContext::key).orElse(""), UUID.randomUUID().toString());
	}

	/**
	 * Do the work when somebody subscribes, on a thread that may wait.
	 * @param probe whose run this is
	 * @param gate where to wait, if anywhere
	 * @return gives the receipt
	 */
	Mono<Receipt> later(String probe, @Nullable String gate) {
		return Mono.deferContextual((reactor) -> Mono.fromCallable(() -> {
			Receipt receipt = begin(probe, reactor.getOrEmpty(IdempotencyContext.class));
			pass(gate);
			return receipt;
		}).subscribeOn(Schedulers.boundedElastic()));
	}

	void pass(@Nullable String gate) {
		if (gate != null) {
			gate(gate).pass();
		}
	}

	int runs(String probe) {
		AtomicInteger count = this.runs.get(probe);
		return (count != null) ? count.get() : 0;
	}

	Gate gate(String name) {
		return this.gates.computeIfAbsent(name, (unused) -> new Gate());
	}

	/**
	 * What a customer gets.
	 *
	 * @param run how often the work was done, this time included
	 * @param key the key as the work sees it, empty where it sees none
	 * @param nonce another one for each run
	 */
	record Receipt(int run, String key, String nonce) {

	}

	/**
	 * Holds whoever comes until it is opened.
	 */
	static final class Gate {

		private final CountDownLatch open = new CountDownLatch(1);

		private int arrivals;

		void pass() {
			synchronized (this) {
				this.arrivals++;
				notifyAll();
			}
			try {
				if (!this.open.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
					throw new IllegalStateException("Nobody opened the gate");
				}
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException("Interrupted at the gate", ex);
			}
		}

		void open() {
			this.open.countDown();
		}

		synchronized int awaitArrivals(int count) throws InterruptedException {
			long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
			while (this.arrivals < count && System.nanoTime() < deadline) {
				wait(100);
			}
			return this.arrivals;
		}

	}

}
