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

package io.idempotency.method;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationSettings;
import io.idempotency.key.Window;
import org.jspecify.annotations.Nullable;

import org.springframework.format.datetime.standard.DurationFormatterUtils;

/**
 * Reads what the annotations of one operation set.
 *
 * @param operation the operation's name
 * @param annotations its annotations
 * @param placeholders resolves placeholders in texts
 */
record AnnotationSettings(String operation, IdempotentAnnotations annotations, UnaryOperator<String> placeholders) {

	/**
	 * Read the settings.
	 * @param each whether the operation works on many items, apart from transactions
	 * @return what is set; the rest is unset
	 * @throws InvalidOperationException if a text means nothing
	 */
	OperationSettings read(boolean each) {
		String store = text("store");
		return OperationSettings.builder()
			.ttl(ttl(text("ttl")))
			.window(window(text("window")))
			.onConcurrent(this.annotations.constant("onConcurrent", OnConcurrent.class, OnConcurrent.UNSET))
			.onUnknown(this.annotations.constant("onUnknown", OnUnknown.class, OnUnknown.UNSET))
			.rememberFailures(throwables("rememberFailures"))
			.safeToRetry(throwables("safeToRetry"))
			.store(store.isEmpty() ? null : store)
			.transaction(each ? TransactionMode.SEPARATE
					: this.annotations.constant("transaction", TransactionMode.class, TransactionMode.UNSET))
			.build();
	}

	private String text(String attribute) {
		return this.placeholders.apply(this.annotations.string(attribute));
	}

	private @Nullable Duration ttl(String text) {
		if (text.isEmpty()) {
			return null;
		}
		try {
			return DurationFormatterUtils.detectAndParse(text);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidOperationException(this.operation, "has ttl=\"" + text + "\", which is not a duration",
					"Write it as 36h, 90s or PT36H");
		}
	}

	private @Nullable Window window(String text) {
		try {
			return text.isEmpty() ? null : Window.parse(text);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidOperationException(this.operation, "has window=\"" + text + "\": " + ex.getMessage(),
					"Use a divisor of a day such as 15m or 6h, or 1d, 1w or 1mo");
		}
	}

	@SuppressWarnings("unchecked")
	private @Nullable List<Class<? extends Throwable>> throwables(String attribute) {
		List<Class<? extends Throwable>> types = new ArrayList<>();
		for (Class<?> type : this.annotations.classes(attribute)) {
			types.add((Class<? extends Throwable>) type);
		}
		return types.isEmpty() ? null : types;
	}

}
