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

import java.net.URI;
import java.util.UUID;

/**
 * The conformance API as a client sees it: nothing but a base URL. What the server offers
 * there is described by {@link HttpConformance}. Safe for use by many threads.
 */
final class ConformanceApi extends Server {

	ConformanceApi(URI baseUrl) {
		super(baseUrl);
	}

	Call post(String target) {
		return call("POST", target).newKey().body("application/json", "{\"amount\":10,\"currency\":\"EUR\"}");
	}

	private Call call(String method, String target) {
		String probe = UUID.randomUUID().toString();
		return new Call(this, method, target, new Probe(this, probe)).header("X-Probe", probe);
	}

	/**
	 * Return how many claims the store was asked for since the server was started.
	 */
	int claims() {
		return Integer.parseInt(ask("/state/store/claims"));
	}

	/**
	 * Do something while a verb of the store fails.
	 * @param verb {@code claim} or {@code complete}
	 * @param work what is done
	 */
	void whileStoreFails(String verb, Runnable work) {
		tell("/state/store/fail?verb=" + verb);
		try {
			work.run();
		}
		finally {
			tell("/state/store/heal");
		}
	}

	/**
	 * Create a user with the role PAYER whose password is {@code secret}.
	 * @return the user's name, a new one each time
	 */
	String newPayer() {
		String name = "user-" + UUID.randomUUID();
		setUser(name, "secret", "PAYER");
		return name;
	}

	/**
	 * Create or replace a user.
	 */
	void setUser(String name, String password, String role) {
		tell("/state/users/" + name + "?password=" + password + "&role=" + role);
	}

	private String ask(String target) {
		return expectOk(call("GET", target));
	}

	private void tell(String target) {
		expectOk(call("POST", target));
	}

	private static String expectOk(Call call) {
		Answer answer = call.send();
		if (answer.status() != 200) {
			throw new IllegalStateException("The server does not offer the conformance API: " + answer);
		}
		return answer.text();
	}

	/**
	 * The work that handlers do for a call and for those made from it, and the gate at
	 * which they wait.
	 *
	 * @param api where it is done
	 * @param name what it is counted under
	 */
	private record Probe(ConformanceApi api, String name) implements Work {

		@Override
		public int runs() {
			return Integer.parseInt(this.api.ask("/state/runs/" + this.name));
		}

		@Override
		public String gate() {
			return this.name;
		}

		@Override
		public void awaitArrivals(int count) {
			this.api.ask("/state/gates/" + this.name + "/arrivals?atLeast=" + count);
		}

		@Override
		public void openGate() {
			this.api.tell("/state/gates/" + this.name + "/open");
		}

	}

}
