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

import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.OperationSpec;
import io.idempotency.engine.Operations;
import io.idempotency.store.IdempotencyRecord;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordStatus;
import io.idempotency.store.Resolution;
import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.util.LinkedCaseInsensitiveMap;

import io.idempotency.web.StoredResponse.Header;

/**
 * An operator's decisions on the records of requests, usually on those of which
 * {@linkplain ProblemType#OUTCOME_UNKNOWN nobody knows} what became of them:
 *
 * <pre class="code">
 * resolutions.resolve("create-payment", key).principal("alice").answered(201, headers, body);
 * </pre>
 *
 * A bean of this type is there wherever requests are guarded. It is safe for use by many
 * threads; a {@link Resolve} is not. Its verbs wait for the store, so on WebFlux they
 * need a thread that may block.
 */
public final class HttpResolutions {

	private final HttpRules rules;

	private final Routes routes;

	private final Supplier<Operations> operations;

	/**
	 * Create the entry to all decisions.
	 * @param rules the rules by which keys are told apart and responses recorded
	 * @param routes describes requests
	 * @param operations knows the operations, asked for at the first decision
	 */
	public HttpResolutions(HttpRules rules, Routes routes, Supplier<Operations> operations) {
		this.rules = rules;
		this.routes = routes;
		this.operations = operations;
	}

	/**
	 * Begin a decision on one record.
	 * @param operation the name of the operation: of an annotated handler, a route or a
	 * functional endpoint
	 * @param key the key as the client meant it, without the quotes of the header, or the
	 * text of the key that the handler's annotation names
	 * @return a description to refine and carry out
	 * @throws IllegalArgumentException if no operation of that name answers requests
	 */
	public Resolve resolve(String operation, String key) {
		Map<String, OperationSpec> known = this.operations.get().declaredAtEdges();
		OperationSpec spec = known.get(operation);
		if (spec == null) {
			throw new IllegalArgumentException(
					"No operation '" + operation + "' answers requests; there are " + known.keySet()
							+ ". Use one of these, or Idempotency.resolve(operation, key) for one that does not");
		}
		return new Resolve(spec, key);
	}

	private StoredResponse recordable(int status, HttpHeaders headers, byte[] body) {
		if (this.rules.recording().of(status) == Retention.NONE) {
			throw new IllegalArgumentException(
					"A response with status " + status + " is not recorded. Answer with 2xx, "
							+ "3xx or 4xx, but not with 401, 403, 408, 425 or 429, nor with 5xx unless "
							+ "idempotency.web.server-errors is replay");
		}
		if (body.length > this.rules.maxResponseBody()) {
			throw new IllegalArgumentException("The body has " + body.length
					+ " bytes, and responses are recorded up to " + this.rules.maxResponseBody()
					+ ". Answer with less, or raise idempotency.web.max-response-body");
		}
		if (body.length > 0 && (status == 204 || status == 205 || status == 304)) {
			throw new IllegalArgumentException("A response with status " + status + " has no body. Leave it out");
		}
		return new StoredResponse(status, recordable(headers), body);
	}

	private List<Header> recordable(HttpHeaders headers) {
		List<Header> recordable = new ArrayList<>();
		headers.forEach((name, values) -> {
			List<Header> recorded = this.rules.recordedHeaders().of(Map.of(name, values));
			if (recorded.size() != values.size()) {
				throw new IllegalArgumentException("The header '" + name
						+ "' is not one that is recorded, or has a value "
						+ "with control characters. Leave it out, or add it to idempotency.web.recorded-headers");
			}
			recordable.addAll(recorded);
		});
		return recordable;
	}

	/**
	 * A decision that is being described. Each verb is atomic, and refused while the
	 * request is being worked on, when its response is recorded already, and when the
	 * record changed since it was looked at. Whoever worked on the request before can
	 * record nothing afterwards.
	 *
	 * <p>
	 * What is recorded is kept for the retention of a result, whatever its status: nobody
	 * decides twice.
	 */
	public final class Resolve {

		private final OperationSpec spec;

		private final String key;

		private final Map<String, List<String>> headers = new LinkedCaseInsensitiveMap<>(4, Locale.ROOT);

		private @Nullable Principal principal;

		private @Nullable HttpCaller caller;

		private Resolve(OperationSpec spec, String key) {
			this.spec = spec;
			this.key = key;
		}

		/**
		 * Set who sent the request, where principals have keys of their own.
		 * @param name the principal's name
		 * @return this
		 */
		public Resolve principal(String name) {
			this.principal = () -> name;
			return this;
		}

		/**
		 * Add a line to the request's header, where one tells callers apart, such as that
		 * of a tenant.
		 * @param name the header's name, in upper or lower case
		 * @param value its value
		 * @return this
		 */
		public Resolve header(String name, String value) {
			this.headers.computeIfAbsent(name, (unused) -> new ArrayList<>(1)).add(value);
			return this;
		}

		/**
		 * Set who sent the request, where a {@link ScopeResolver} of the application's
		 * own asks for more than a principal's name and headers.
		 * @param caller what the resolvers are asked about, in place of everything else
		 * that was said of the caller
		 * @return this
		 */
		public Resolve caller(HttpCaller caller) {
			this.caller = caller;
			return this;
		}

		/**
		 * The work was done, or failed for good: record this response as if the handler
		 * had sent it. Retries get it.
		 * @param status its status, one of those that are recorded
		 * @param headers its headers, none but those that are recorded
		 * @param body its body, as large as one that is recorded at the most
		 * @throws IllegalArgumentException if the handler's own response would not be
		 * recorded like this
		 * @throws IllegalStateException if there is no such record, or it is not one to
		 * decide on
		 */
		public void answered(int status, HttpHeaders headers, byte[] body) {
			StoredOutcome response = StoredOutcome.value(recordable(status, headers, body).encode());
			GuardedCall call = describe();
			carryOut(call, new Resolution.Complete(response, call.ttl()));
		}

		/**
		 * The work failed for good: record a problem (RFC 9457) without a type of its
		 * own. Retries get it.
		 * @param status its status, an error that is recorded
		 * @param detail what the client is told
		 * @throws IllegalArgumentException if such a response would not be recorded
		 * @throws IllegalStateException if there is no such record, or it is not one to
		 * decide on
		 */
		public void failed(int status, String detail) {
			if (status < 400 || status > 599) {
				throw new IllegalArgumentException("Status " + status + " is no failure. Use 4xx, or answered(...)");
			}
			ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(status), detail);
			problem.setProperty("operation", this.spec.name());
			HttpHeaders headers = new HttpHeaders();
			headers.set(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE);
			headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
			answered(status, headers, HttpResolutions.this.rules.problems().json(problem));
		}

		/**
		 * The work had no effect, or may be repeated: the next retry runs it again.
		 * @throws IllegalStateException if there is no such record, or it is not one to
		 * decide on
		 */
		public void runAgain() {
			carryOut(describe(), new Resolution.RunAgain());
		}

		private GuardedCall describe() {
			HttpRules rules = HttpResolutions.this.rules;
			HttpCaller caller = (this.caller != null) ? this.caller : new NamedCaller(this.principal, this.headers);
			String scope;
			try {
				scope = rules.scopes().of(caller);
			}
			catch (ProblemException ex) {
				throw new IllegalArgumentException("Nothing is known of the caller, and the keys of such callers are "
						+ "refused. Name the principal, or the headers that tell callers apart", ex);
			}
			return HttpResolutions.this.routes.describe(this.spec, rules.identity(this.spec), scope, this.key, null);
		}

		private void carryOut(GuardedCall call, Resolution how) {
			IdempotencyStore store = this.spec.store();
			IdempotencyRecord record = store.find(call.id())
				.orElseThrow(
						() -> refusal(call, "does not exist, or has expired. Give the key without the quotes of the "
								+ "header, and the principal and the headers of the request that tell callers apart"));
			if (record.live()) {
				throw refusal(call, "is being worked on, for at least " + record.leaseRemaining().toSeconds()
						+ " s more. Decide when its lease has lapsed");
			}
			StoredOutcome outcome = record.outcome();
			if (record.status() == RecordStatus.COMPLETED && outcome != null
					&& outcome.kind() == StoredOutcome.Kind.VALUE) {
				throw refusal(call,
						"has a response already, which its client may have got. There is nothing to decide");
			}
			if (!store.resolve(call.id(), record.fence(), how)) {
				throw refusal(call, "changed while it was looked at. Look at it again");
			}
		}

		private IllegalStateException refusal(GuardedCall call, String why) {
			return new IllegalStateException("The record of operation '" + this.spec.name() + "', key hash "
					+ call.id().shortForm() + ", " + why);
		}

	}

	private record NamedCaller(@Nullable Principal principal, Map<String, List<String>> headers) implements HttpCaller {

		@Override
		public List<String> header(String name) {
			return this.headers.getOrDefault(name, List.of());
		}

		@Override
		public String path() {
			throw new IllegalStateException("A ScopeResolver asks for the path of the request, which nobody named. "
					+ "Describe the whole caller with caller(...)");
		}

	}

}
