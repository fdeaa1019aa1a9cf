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

import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.OperationOrigin;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.OperationSpec;
import io.idempotency.engine.Operations;
import io.idempotency.store.Fingerprint;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Requests that are guarded by their path, for handlers that say nothing about it, and
 * those that a functional endpoint asks to be guarded. They are decided in front of the
 * handler's arguments, so what is wrong with these is forgotten afterwards. Immutable.
 */
public final class Routes {

	private static final Log logger = LogFactory.getLog(Routes.class);

	private final InstantSource clock;

	private final List<Route> routes;

	/**
	 * Create routes.
	 * @param clock decides windows
	 * @param routes the first that matches counts
	 */
	public Routes(InstantSource clock, List<Route> routes) {
		this.clock = clock;
		this.routes = List.copyOf(routes);
	}

	List<Route> all() {
		return this.routes;
	}

	/**
	 * Return whether no request is guarded by its path.
	 * @return whether there are no routes
	 */
	public boolean isEmpty() {
		return this.routes.isEmpty();
	}

	/**
	 * Resolve the operations of all routes.
	 * @throws io.idempotency.engine.InvalidOperationException if one cannot work
	 */
	public void resolve() {
		for (Route route : this.routes) {
			logger
				.debug("Operation '" + route.spec().get().name() + "' guards " + route.methods() + " " + route.paths());
		}
	}

	/**
	 * Find the operation of a request.
	 * @param method its method
	 * @param path its path behind the context path, asked for if there are routes
	 * @return the operation, or {@code null} if the request has none by its path
	 */
	public @Nullable OperationSpec find(String method, Supplier<PathContainer> path) {
		if (this.routes.isEmpty()) {
			return null;
		}
		PathContainer parsed = path.get();
		for (Route route : this.routes) {
			if (route.matches(method, parsed)) {
				return route.spec().get();
			}
		}
		return null;
	}

	/**
	 * Describe a request for the engine.
	 * @param spec its operation
	 * @param identity the name under which keys are told apart
	 * @param scope whom the key belongs to, or empty text
	 * @param key the key
	 * @param fingerprint what is asked for, or {@code null} to compare nothing
	 * @return the call
	 */
	public GuardedCall describe(OperationSpec spec, String identity, String scope, @Nullable String key,
			@Nullable Fingerprint fingerprint) {
		return GuardedCall.of(spec, identity, scope, key, fingerprint, this.clock.instant(), GuardedCall.KEEP_ALL);
	}

	/**
	 * Declare an operation that has no method.
	 * @param operations resolves settings
	 * @param name the operation's name
	 * @param origin what declares it, as it is named in a message
	 * @return the operation
	 * @throws io.idempotency.engine.InvalidOperationException if it cannot work, or if a
	 * method has the name
	 */
	public static OperationSpec declare(Operations operations, String name, String origin) {
		return operations.declare(name, OperationOrigin.of(origin), OperationSettings.UNSET,
				ControllerEdge.settingsOfRequests());
	}

	/**
	 * Requests that are guarded by their path.
	 *
	 * @param methods the methods, in upper case
	 * @param paths patterns of paths behind the context path
	 * @param spec the operation, asked for at the end of the start-up
	 */
	public record Route(Set<String> methods, List<PathPattern> paths, Supplier<OperationSpec> spec) {

		boolean matches(String method, PathContainer path) {
			return this.methods.contains(method) && this.paths.stream().anyMatch((pattern) -> pattern.matches(path));
		}

	}

}
