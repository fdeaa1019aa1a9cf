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

import java.time.Duration;
import java.util.List;

import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.key.Window;
import org.jspecify.annotations.Nullable;

/**
 * What a caller of the facade sets for its call.
 */
final class CallSettings {

	@Nullable Duration ttl;

	@Nullable Window window;

	@Nullable OnConcurrent onConcurrent;

	@Nullable OnUnknown onUnknown;

	@Nullable List<Class<? extends Throwable>> rememberFailures;

	@Nullable List<Class<? extends Throwable>> safeToRetry;

	@Nullable String store;

	OperationSettings settings() {
		return new OperationSettings(this.ttl, null, null, null, null, this.window, null, this.onConcurrent,
				this.onUnknown, null, this.rememberFailures, this.safeToRetry, this.store, null);
	}

}
