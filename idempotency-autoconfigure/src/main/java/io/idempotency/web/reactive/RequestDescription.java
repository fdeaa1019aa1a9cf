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

package io.idempotency.web.reactive;

import java.security.Principal;
import java.util.Optional;
import java.util.function.Supplier;

import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.OperationSpec;
import io.idempotency.store.Fingerprint;
import io.idempotency.web.HttpRules;
import io.idempotency.web.ProblemException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.web.server.ServerWebExchange;

/**
 * Finds out what the engine is to know of a request: its key, its caller and its
 * fingerprint.
 *
 * @param rules the rules
 * @param exchange the request with its response
 * @param request the request
 * @param seen the exchange as the handler sees it, which tells who the caller is
 */
record RequestDescription(HttpRules rules, ServerWebExchange exchange, GuardedRequest request, ServerWebExchange seen) {

	/**
	 * Describe the request.
	 * @param spec its operation
	 * @param needsKey whether the key is that of the header
	 * @param call makes the description
	 * @return the description, to be made on the thread on which it comes; nothing if the
	 * request has no key and needs none
	 */
	Mono<Supplier<GuardedCall>> of(OperationSpec spec, boolean needsKey, Call call) {
		String key;
		try {
			key = needsKey ? this.rules.key(spec, ReactiveCaller.lines(this.request, this.rules.header().name()))
					: null;
		}
		catch (ProblemException ex) {
			return Mono.error(ex);
		}
		if (needsKey && key == null) {
			return Mono.empty();
		}
		Mono<Optional<Principal>> principal = this.seen.getPrincipal()
			.map(Optional::of)
			.defaultIfEmpty(Optional.empty());
		ReactiveFingerprint fingerprint = new ReactiveFingerprint(this.rules, this.exchange, this.request);
		return principal.flatMap((caller) -> fingerprint.of(spec.name())
			.map((taken) -> () -> call.describe(this.rules.identity(spec),
					this.rules.scopes().of(caller(caller.orElse(null))), key, taken)));
	}

	private ReactiveCaller caller(@Nullable Principal principal) {
		return new ReactiveCaller(principal, this.seen.getRequest(), this.request.getURI().getRawPath());
	}

	/** Describes a call of an operation, once the request is known. */
	@FunctionalInterface
	interface Call {

		/**
		 * Describe the call.
		 * @param identity the name under which keys are told apart
		 * @param scope whom the key belongs to
		 * @param key the key of the header, if it is needed
		 * @param fingerprint takes the fingerprint of the whole request
		 * @return the call
		 */
		GuardedCall describe(String identity, String scope, @Nullable String key, Supplier<Fingerprint> fingerprint);

	}

}
