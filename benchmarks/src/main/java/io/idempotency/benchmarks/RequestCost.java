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

package io.idempotency.benchmarks;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What one request cost on the average of a slice, in microseconds and bytes.
 *
 * @param time from one request of a connection to the next
 * @param storeTime of that, in the verbs of the store
 * @param storeCalls how many verbs, each of them a round trip where the store is a server
 * @param cpu processor time of the server's threads
 * @param bytes what they allocated
 * @param storeBytes of that, in the verbs of the store
 */
record RequestCost(double time, double storeTime, double storeCalls, double cpu, double bytes, double storeBytes) {

	static RequestCost measure(Load load, int threads, HttpCalls calls, @Nullable TimedStore store) throws Exception {
		TimedStore.Totals storeBefore = totals(store);
		ServerThreads before = ServerThreads.read();
		Load.Slice slice = load.count(calls, Contest.SLICE);
		ServerThreads used = ServerThreads.read().since(before);
		TimedStore.Totals inStore = totals(store).since(storeBefore);
		double requests = slice.calls();
		return new RequestCost(1e6 * threads / slice.rate(), inStore.nanos() / 1e3 / requests,
				inStore.calls() / requests, used.cpuNanos() / 1e3 / requests, used.bytes() / requests,
				inStore.bytes() / requests);
	}

	private static TimedStore.Totals totals(@Nullable TimedStore store) {
		return (store != null) ? store.totals() : TimedStore.Totals.NONE;
	}

	/**
	 * What was measured of an endpoint with the library and of another one.
	 *
	 * @param rounds the rounds
	 */
	record Compared(List<Contest.Round<RequestCost>> rounds) {

		/**
		 * The time that the request takes longer, but for what its calls of the store
		 * took longer.
		 */
		Measured own() {
			return Measured.of(this.rounds, Compared::own);
		}

		/** That time in per cent of the whole request. */
		Measured share() {
			return Measured.of(this.rounds, (round) -> 100 * own(round) / round.ours().time());
		}

		private static double own(Contest.Round<RequestCost> round) {
			return outsideStore(round.ours()) - outsideStore(round.theirs());
		}

		private static double outsideStore(RequestCost cost) {
			return cost.time() - cost.storeTime();
		}

	}

}
