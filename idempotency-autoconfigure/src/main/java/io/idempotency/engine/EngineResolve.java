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

package io.idempotency.engine;

import java.lang.reflect.Type;
import java.time.InstantSource;
import java.util.Optional;

import io.idempotency.Idempotency;
import io.idempotency.key.Window;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * An operator's decision on the record of one key.
 */
final class EngineResolve implements Idempotency.Resolve {

	private final IdempotencyEngine engine;

	private final Operations operations;

	private final InstantSource clock;

	private final String operation;

	private final String key;

	private final OperationSettings.Builder overrides = OperationSettings.builder();

	private String scope = "";

	EngineResolve(IdempotencyEngine engine, Operations operations, String operation, String key, InstantSource clock) {
		this.engine = engine;
		this.operations = operations;
		this.clock = clock;
		this.operation = operation;
		this.key = key;
	}

	@Override
	public Idempotency.Resolve scope(String scope) {
		this.scope = scope;
		return this;
	}

	@Override
	public Idempotency.Resolve window(String window) {
		this.overrides.window(Window.parse(window));
		return this;
	}

	@Override
	public boolean succeeded(@Nullable Object result) {
		refuseAtEdge();
		GuardedCall call = describe((result != null) ? result.getClass() : void.class);
		return resolve(call, complete(call, this.engine.outcomeOf(call, result)));
	}

	@Override
	public boolean failed(String message) {
		refuseAtEdge();
		GuardedCall call = describe(void.class);
		return resolve(call, complete(call, this.engine.failureOf("resolved as failed", message)));
	}

	@Override
	public boolean runAgain() {
		return resolve(describe(void.class), new Resolution.RunAgain());
	}

	private void refuseAtEdge() {
		if (this.operations.declaredAtEdges().containsKey(this.operation)) {
			throw new IllegalStateException("What is recorded of operation '" + this.operation
					+ "' is not the result of a method, but what an edge makes of it, such as a response. Decide there: "
					+ "for requests that is io.idempotency.web.HttpResolutions");
		}
	}

	private Resolution complete(GuardedCall call, StoredOutcome outcome) {
		return new Resolution.Complete(outcome, call.ttl());
	}

	private boolean resolve(GuardedCall call, Resolution how) {
		Optional<IdempotencyRecord> record = call.spec().store().find(call.id());
		return record.isPresent() && !record.get().live()
				&& call.spec().store().resolve(call.id(), record.get().fence(), how);
	}

	private GuardedCall describe(Type type) {
		return GuardedCall.of(spec(type), this.scope, this.key, null, this.clock.instant(), GuardedCall.KEEP_ALL);
	}

	/**
	 * A declared operation brings its own type, window and store; of one that is only
	 * called by name the caller's words are all there is.
	 */
	private OperationSpec spec(Type type) {
		OperationSettings overrides = this.overrides.build();
		OperationSpec declared = this.operations.declared(this.operation);
		if (declared == null) {
			return this.operations.resolve(this.operation, type, false, overrides);
		}
		Window window = overrides.window();
		return (window != null) ? declared.in(window) : declared;
	}

}
