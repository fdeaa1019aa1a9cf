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

package io.idempotency.autoconfigure;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.idempotency.web.AnonymousCallers;
import io.idempotency.web.FingerprintForm;
import io.idempotency.web.KeyFormat;
import io.idempotency.web.KeyScope;
import io.idempotency.web.KeySyntax;
import io.idempotency.web.ServerErrors;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the HTTP layer.
 *
 * @param enabled Whether guarded handlers follow the HTTP contract. When false, they are
 * guarded like any other method.
 * @param header Name of the header that carries the key.
 * @param keyRequired Whether a request without a key is refused, unless the operation
 * says otherwise.
 * @param keySyntax Whether a key without quotes is accepted.
 * @param keyFormat What a key must look like.
 * @param keyScope Whether each operation has keys of its own.
 * @param methods HTTP methods that can be guarded.
 * @param fingerprint How the bodies of two requests are compared.
 * @param maxRequestBody Largest body of a guarded request. Forms with parts have the
 * limits of the server.
 * @param requestBodyMemory Memory that larger bodies of guarded requests take together
 * while they are worked on. A quarter of the heap by default.
 * @param maxResponseBody Largest body of a response that is recorded.
 * @param serverErrors Whether responses with a status of 5xx are recorded.
 * @param recordedHeaders Response headers that are recorded besides those that describe
 * the content.
 * @param documentation Address of the documentation that problems link to.
 * @param problemBase Address that the types of problems begin with.
 * @param filterOrder Order of the filter, which belongs behind authentication.
 * @param scope Whom keys belong to.
 * @param routes Operations that are guarded by their path, by name.
 */
public record WebProperties(@DefaultValue("true") boolean enabled, @DefaultValue("Idempotency-Key") String header,
		@DefaultValue("true") boolean keyRequired, @DefaultValue("lenient") KeySyntax keySyntax,
		@DefaultValue("any") KeyFormat keyFormat, @DefaultValue("operation") KeyScope keyScope, @DefaultValue( {
				"POST", "PATCH" }) Set<String> methods,
		@DefaultValue("raw") FingerprintForm fingerprint, @DefaultValue("1MB") DataSize maxRequestBody,
		@Nullable DataSize requestBodyMemory, @DefaultValue("1MB") DataSize maxResponseBody,
		@DefaultValue("release") ServerErrors serverErrors, @DefaultValue List<String> recordedHeaders,
		@Nullable URI documentation, @DefaultValue("urn:problem-type:idempotency:") URI problemBase,
		@DefaultValue("-50") int filterOrder, @DefaultValue Scope scope, @DefaultValue Map<String, Route> routes){

	/**
	 * Whom keys belong to.
	 *
	 * @param principal Whether each authenticated principal has keys of its own.
	 * @param headers Request headers, such as that of a tenant, whose values have keys of
	 * their own. They must be set by a gateway that callers cannot get around.
	 * @param anonymous What becomes of callers of whom nothing is known.
	 */
	public record Scope(@DefaultValue("true") boolean principal, @DefaultValue List<String> headers,
			@DefaultValue("shared") AnonymousCallers anonymous) {

	}

	/**
	 * An operation that is guarded by its path.
	 *
	 * @param paths Patterns of paths behind the context path, such as /orders/{id}/items.
	 * @param methods HTTP methods, all that can be guarded if empty.
	 */
	public record Route(@DefaultValue List<String> paths, @DefaultValue Set<String> methods) {

	}

}
