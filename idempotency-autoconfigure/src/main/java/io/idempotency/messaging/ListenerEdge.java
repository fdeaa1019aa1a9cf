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

package io.idempotency.messaging;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

import io.idempotency.DurableSteps;
import io.idempotency.IdempotencyKeyMissingException;
import io.idempotency.OnConcurrent;
import io.idempotency.engine.Chain;
import io.idempotency.engine.GuardedCall;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.InvalidOperationException;
import io.idempotency.engine.OperationSettings;
import io.idempotency.engine.WorkUndoneException;
import io.idempotency.key.Canonicalizer;
import io.idempotency.key.UndigestibleArgumentException;
import io.idempotency.method.EdgeCall;
import io.idempotency.method.MethodEdge;
import io.idempotency.method.MethodOperation;
import io.idempotency.store.Fingerprint;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Answers the calls of guarded listeners. What is the same for all brokers is here:
 * <ol>
 * <li>The key is the one that the method names, else the sender's, else the identity that
 * the message has at the broker.
 * <li>A listener whose message was worked on before is not called, and the message is
 * settled as if it had been.
 * <li>Who finds somebody else at work does not wait, and has the message
 * {@linkplain Redelivery delivered again}: by the delivery itself, or by a failure that
 * the container knows.
 * <li>A listener that gives its message back has done nothing that counts.
 * </ol>
 * The call of a listener by anybody but a container is a call like any other. Safe for
 * use by many threads.
 */
public abstract class ListenerEdge implements MethodEdge {

	private static final Log logger = LogFactory.getLog(ListenerEdge.class);

	private final Supplier<IdempotencyEngine> engine;

	private final MessageKey keys;

	private final Canonicalizer canonicalizer;

	/**
	 * Create the edge.
	 * @param engine asked for at the first call
	 * @param keys finds the senders' keys
	 * @param canonicalizer digests the content of messages
	 */
	protected ListenerEdge(Supplier<IdempotencyEngine> engine, MessageKey keys, Canonicalizer canonicalizer) {
		this.engine = engine;
		this.keys = keys;
		this.canonicalizer = canonicalizer;
	}

	@Override
	public final String keyDescription() {
		return "message";
	}

	@Override
	public final boolean recordsAnswers() {
		return false;
	}

	@Override
	public final OperationSettings settings() {
		return OperationSettings.builder().onConcurrent(OnConcurrent.REJECT).build();
	}

	/**
	 * A message that is skipped because somebody else is at it counts as taken, and is
	 * lost if that one fails. A parameter that a container does not know is the message
	 * to it.
	 */
	@Override
	public final void check(MethodOperation operation, Object bean) {
		if (List.of(operation.method().getParameterTypes()).contains(DurableSteps.class)) {
			throw new InvalidOperationException(operation.spec().name(),
					"is a listener that takes DurableSteps, which its container would look for in the message",
					"Remove the parameter, and ask IdempotencyContext.current().orElseThrow().steps() in the listener");
		}
		if (operation.spec().onConcurrent() == OnConcurrent.SKIP) {
			throw new InvalidOperationException(operation.spec().name(),
					"is a listener with onConcurrent=SKIP, which would take a message off its queue while somebody "
							+ "else is at work on it, and lose it if that one fails",
					"Remove it, or set idempotency.operations." + operation.spec().name() + ".on-concurrent=reject: "
							+ "the message is then delivered again");
		}
	}

	@Override
	public final @Nullable Object answer(EdgeCall call, Chain chain) throws Throwable {
		Delivery delivery = Delivery.take(call.spec().name());
		if (delivery == null) {
			return this.engine.get().execute(describeWithoutMessage(call), chain);
		}
		try {
			return (delivery instanceof BatchDelivery batch) ? answer(call, batch)
					: answer(call, chain, (SingleDelivery) delivery);
		}
		finally {
			delivery.release();
		}
	}

	private @Nullable Object answer(EdgeCall call, BatchDelivery batch) throws Throwable {
		new BatchListenerCall(call, batch).answer(this.engine.get(),
				(message) -> describe(call, message, batch.recipient()));
		return null;
	}

	private @Nullable Object answer(EdgeCall call, Chain chain, SingleDelivery delivery) throws Throwable {
		Reached reached = new Reached();
		Object result;
		try {
			result = execute(call, chain, reached, delivery);
		}
		catch (Throwable ex) {
			if (reached.reached || Redelivery.after(ex) == null || !delivery.postpones(ex)) {
				throw ex;
			}
			if (!mayReturnNothing(call)) {
				throw new Postponed(ex);
			}
			return null;
		}
		if (!reached.reached) {
			delivery.skipped(call.arguments());
		}
		return result;
	}

	/**
	 * What an asynchronous listener is refused for comes as a failed result.
	 */
	private @Nullable Object execute(EdgeCall call, Chain chain, Reached reached, SingleDelivery delivery)
			throws Throwable {
		Object result;
		try {
			result = this.engine.get().execute(describe(call, delivery), around(call, chain, reached, delivery));
		}
		catch (WorkUndoneException ex) {
			throw ex.failure();
		}
		if (!reached.reached && result instanceof CompletableFuture<?> refused && refused.isCompletedExceptionally()) {
			try {
				refused.join();
			}
			catch (CompletionException ex) {
				throw (ex.getCause() != null) ? ex.getCause() : ex;
			}
		}
		return result;
	}

	private static Chain around(EdgeCall call, Chain chain, Reached reached, SingleDelivery delivery) {
		return (innermost) -> {
			delivery.calling(call.arguments());
			Object returned = chain.proceed((work) -> innermost.around(() -> {
				reached.reached = true;
				return work.run();
			}));
			if (reached.reached) {
				called(delivery, returned != null);
			}
			return returned;
		};
	}

	/**
	 * A transaction that is still open is its opener's: what was sent and the message go
	 * after it then, with the container's own commit.
	 */
	private static void called(SingleDelivery delivery, boolean answers) {
		if (TransactionSynchronizationManager.isActualTransactionActive()) {
			return;
		}
		try {
			delivery.called(answers);
		}
		catch (RuntimeException ex) {
			throw new WorkUndoneException(ex);
		}
	}

	private static boolean mayReturnNothing(EdgeCall call) {
		Class<?> type = call.method().getReturnType();
		return !type.isPrimitive() || type == void.class;
	}

	private static GuardedCall describeWithoutMessage(EdgeCall call) {
		if (call.needsKey()) {
			throw new IdempotencyKeyMissingException(call.spec().name(),
					"Operation '" + call.spec().name() + "' takes its key from the message that its container "
							+ "delivers, but it was called without one. Nothing ran. Name a key with 'key', let its "
							+ "container call it rather than another listener, or begin containers that are made at "
							+ "runtime through the guard",
					null);
		}
		return call.describe(call.spec().name(), "", null, () -> null);
	}

	private GuardedCall describe(EdgeCall call, SingleDelivery delivery) {
		return describe(call, delivery.message(), delivery.recipient())
			.forgettingAlso((result) -> delivery.givenBack());
	}

	private GuardedCall describe(EdgeCall call, ReceivedMessage message, Recipient recipient) {
		String given = call.needsKey() ? this.keys.of(message) : null;
		if (call.needsKey() && given == null) {
			return call.describe(call.spec().name(), recipient.scopeOfIdentities(), message.identity(), () -> null);
		}
		return call.describe(call.spec().name(), recipient.scopeOfKeys(), given, () -> content(call, message));
	}

	private @Nullable Fingerprint content(EdgeCall call, ReceivedMessage message) {
		try {
			return this.canonicalizer.fingerprint(message.content());
		}
		catch (UndigestibleArgumentException ex) {
			if (logger.isDebugEnabled()) {
				logger.debug("The content of a message of operation '" + call.spec().name()
						+ "' has no canonical form, so that messages with the same key are not compared", ex);
			}
			return null;
		}
	}

	private static final class Reached {

		private volatile boolean reached;

	}

}
