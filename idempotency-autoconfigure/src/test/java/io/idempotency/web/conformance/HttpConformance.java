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
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The rules of idempotency over HTTP, as a client can check them that knows nothing but a
 * base URL. A subclass names it.
 *
 * <p>
 * The server offers the <em>conformance API</em>. Each request names its probe in
 * {@code X-Probe}, under which handlers count their runs, and may name a gate in
 * {@code X-Gate}, at which they wait. Where nothing else is said, an endpoint takes any
 * body by POST and answers 200 with a receipt: {@code run} (how often the probe was
 * worked on), {@code key} (the key as the work sees it, where it sees one) and
 * {@code nonce} (another one each time). Guarded are:
 * <ul>
 * <li>{@code /charges} (POST, PATCH, PUT and DELETE), {@code /refunds},
 * {@code /accounts/{id}/charges}; {@code /keyed/{id}}, whose key is the id;
 * {@code /optional/charges}, where the key is optional; {@code /waiting/charges} and
 * {@code /impatient/charges}, where duplicates wait for 20 s and for 200 ms;
 * {@code /routed/charges} and {@code /functional/charges} without an annotation;
 * {@code /methods} for every method
 * <li>{@code /secured/url/charges} and {@code /secured/method/charges} for users with the
 * role PAYER, by HTTP basic authentication
 * <li>{@code /status/{status}}, which answers with that status; {@code …/thrown} by an
 * exception, {@code …/advised} by an exception handler, {@code …/sent} by an error page;
 * {@code /crash} fails, {@code /held/crash} fails and may not be run again;
 * {@code /validated} wants a positive {@code amount} in JSON
 * <li>{@code /headers} and {@code /headers/given?value=…}, {@code /binary},
 * {@code /latin}, {@code /empty/{status}}, {@code /sized/{bytes}}, {@code /viewed},
 * {@code /redirected}, {@code /forwarded}, {@code /written}, {@code /written/large},
 * {@code /written/failing}: every kind of header and body
 * <li>{@code /form} and {@code /multipart}, which tell what they read, and
 * {@code /read/bytes|entity|stream|reader}, which answer with it
 * <li>{@code /async/callable|deferred|future}, the same under {@code /async/failing}, and
 * {@code /streamed/body|events}, which answer piece by piece
 * </ul>
 * {@code /service/charges/{key}/{amount}} calls a guarded service and is not guarded
 * itself. Under {@code /state} the suite reads counts of runs and of claims, waits for
 * arrivals at a gate, opens it, makes the store fail, and creates users. The methods
 * POST, PATCH and PUT are guarded; requests are limited to 64 KB and recorded answers to
 * 256 KB; {@code X-Tenant} is part of the scope and {@code X-Receipt} of what is
 * recorded; answers of 1 KB and more are compressed; {@code https://shop.example} and
 * {@code https://bank.example} may call from a browser; in German the title of a missing
 * key is "Schlüssel fehlt".
 */
abstract class HttpConformance implements EndpointRules, KeyRules, IdentityRules, ConcurrencyRules, RecordingRules,
		FidelityRules, StreamingRules, FailureRules {

	private static final AtomicInteger AMOUNT = new AtomicInteger();

	/**
	 * Return where the server is.
	 */
	abstract URI baseUrl();

	@Override
	public Call newCall() {
		return post("/charges").body("{\"amount\":" + AMOUNT.incrementAndGet() + "}");
	}

	@Override
	public int maxRequestBody() {
		return 64 * 1024;
	}

	@Override
	public ConformanceApi api() {
		return new ConformanceApi(baseUrl());
	}

}
