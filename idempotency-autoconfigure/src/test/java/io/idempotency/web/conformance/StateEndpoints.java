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

import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * What the suite has to see and to move; nothing here is guarded.
 */
@RestController
@RequestMapping("/state")
class StateEndpoints {

	private final Desk desk;

	private final SwitchableStores stores;

	private final InMemoryUserDetailsManager users;

	StateEndpoints(Desk desk, SwitchableStores stores, InMemoryUserDetailsManager users) {
		this.desk = desk;
		this.stores = stores;
		this.users = users;
	}

	@GetMapping("/runs/{probe}")
	String runs(@PathVariable String probe) {
		return Integer.toString(this.desk.runs(probe));
	}

	@GetMapping("/gates/{name}/arrivals")
	String arrivals(@PathVariable String name, @RequestParam int atLeast) throws InterruptedException {
		return Integer.toString(this.desk.gate(name).awaitArrivals(atLeast));
	}

	@PostMapping("/gates/{name}/open")
	String open(@PathVariable String name) {
		this.desk.gate(name).open();
		return "open";
	}

	@GetMapping("/store/claims")
	String claims() {
		return Integer.toString(this.stores.claims());
	}

	@PostMapping("/store/fail")
	String fail(@RequestParam String verb) {
		this.stores.fail(verb);
		return "failing";
	}

	@PostMapping("/store/heal")
	String heal() {
		this.stores.fail("");
		return "well";
	}

	@PostMapping("/users/{name}")
	String user(@PathVariable String name, @RequestParam String password, @RequestParam String role) {
		if (this.users.userExists(name)) {
			this.users.deleteUser(name);
		}
		this.users.createUser(User.withUsername(name).password(password).roles(role).build());
		return "saved";
	}

}
