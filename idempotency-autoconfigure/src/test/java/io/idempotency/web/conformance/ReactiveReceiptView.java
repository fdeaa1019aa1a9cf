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

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.result.view.View;
import org.springframework.web.server.ServerWebExchange;

/**
 * A page that shows a receipt.
 */
final class ReactiveReceiptView implements View {

	@Override
	public List<MediaType> getSupportedMediaTypes() {
		return List.of(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8));
	}

	@Override
	public Mono<Void> render(@Nullable Map<String, ?> model, @Nullable MediaType contentType,
			ServerWebExchange exchange) {
		Object receipt = (model != null) ? model.get("receipt") : null;
		ServerHttpResponse response = exchange.getResponse();
		response.getHeaders().setContentType(contentType);
		byte[] page = ("<p>" + receipt + "</p>").getBytes(StandardCharsets.UTF_8);
		return response.writeWith(Mono.fromCallable(() -> response.bufferFactory().wrap(page)));
	}

}
