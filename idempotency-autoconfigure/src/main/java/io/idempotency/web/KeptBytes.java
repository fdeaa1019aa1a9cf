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

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of one request body, as far as they were received. Used by one thread at a
 * time; only {@link #close} may come from another one at any time.
 */
public final class KeptBytes implements AutoCloseable {

	/** As much as that takes no share of the memory. */
	static final int SMALL = 32 * 1024;

	private static final int LEAST = 8 * 1024;

	private static final byte[] NONE = new byte[0];

	private static final CompletableFuture<Void> NO_WAIT = CompletableFuture.completedFuture(null);

	private final RequestBodies bodies;

	private final int announced;

	private byte[] bytes = NONE;

	private int size;

	private final AtomicReference<@Nullable CompletableFuture<RequestBodies.Share>> share = new AtomicReference<>();

	private volatile boolean closed;

	private boolean tooLarge;

	KeptBytes(RequestBodies bodies, int announced) {
		this.bodies = bodies;
		this.announced = announced;
	}

	/**
	 * Return the bytes, of which the first {@linkplain #size size} are received.
	 * @return an array that is replaced by a larger one when it is full
	 */
	public byte[] array() {
		return this.bytes;
	}

	/**
	 * Return how many bytes were received.
	 * @return the number
	 */
	public int size() {
		return this.size;
	}

	/**
	 * Return how many bytes can be received without more memory.
	 * @return the number
	 */
	public int room() {
		return this.bytes.length - this.size;
	}

	/**
	 * Return whether this is all that the client announced, or all that is allowed: one
	 * byte more tells that there is more.
	 * @return whether more memory may be in vain
	 */
	public boolean isMaybeWhole() {
		return this.size == this.announced || this.size == this.bodies.limit();
	}

	/**
	 * Note that bytes were written into the array.
	 * @param count how many, at most as there is {@linkplain #room room} for
	 */
	public void received(int count) {
		this.size += count;
	}

	/**
	 * Add bytes, for which there must be {@linkplain #room room}.
	 * @param more the bytes
	 */
	public void add(byte... more) {
		System.arraycopy(more, 0, this.bytes, this.size, more.length);
		this.size += more.length;
	}

	/**
	 * Make room, and wait for it if necessary.
	 * @param more how many bytes are to come
	 * @throws ProblemException if these are too many, or too much is received by others
	 */
	public void makeRoom(int more) {
		try {
			whenRoom(more).join();
		}
		catch (CompletionException ex) {
			throw (ex.getCause() instanceof ProblemException problem) ? problem : ex;
		}
	}

	/**
	 * Make room.
	 * @param more how many bytes are to come
	 * @return done when there is room, or fails with a {@link ProblemException} because
	 * others did not leave any for too long
	 * @throws ProblemException if these are too many; what was received is dropped then
	 * @throws IllegalStateException if it is closed and would need memory of others
	 */
	public CompletableFuture<Void> whenRoom(int more) {
		int needed = Math.addExact(this.size, more);
		if (needed <= this.bytes.length) {
			return NO_WAIT;
		}
		if (this.tooLarge || needed > this.bodies.limit()) {
			drop();
			throw ProblemException.tooLarge();
		}
		if (needed <= SMALL) {
			int most = (needed <= this.announced) ? this.announced : this.bodies.limit();
			resize(Math.min(Math.max(Math.max(this.size * 2, LEAST), needed), Math.min(most, SMALL)));
			return NO_WAIT;
		}
		// Filters may have made it longer than announced. Who waits must not hold a share
		return take((needed <= this.announced) ? this.announced : this.bodies.limit());
	}

	private void drop() {
		this.tooLarge = true;
		this.bytes = NONE;
		this.size = 0;
		close();
	}

	private CompletableFuture<Void> take(int wanted) {
		giveBack();
		CompletableFuture<RequestBodies.Share> share = this.bodies.take(wanted);
		this.share.set(share);
		if (this.closed) {
			giveBack();
			throw new IllegalStateException("The request is over");
		}
		CompletableFuture<Void> room = share.thenRun(() -> resize(wanted));
		return room.isDone() ? room
				: room.orTimeout(this.bodies.longestWait().toNanos(), TimeUnit.NANOSECONDS).exceptionally(this::refuse);
	}

	private Void refuse(Throwable failure) {
		if (failure instanceof TimeoutException) {
			giveBack();
			throw ProblemException.tooBusy();
		}
		throw new CompletionException(failure);
	}

	private void resize(int capacity) {
		this.bytes = Arrays.copyOf(this.bytes, capacity);
	}

	/**
	 * Return the bytes when no more will come.
	 * @return an array of the right size, not copied
	 */
	public byte[] whole() {
		if (room() > 0) {
			resize(this.size);
			shrink();
		}
		return this.bytes;
	}

	private void shrink() {
		CompletableFuture<RequestBodies.Share> share = this.share.get();
		if (share != null) {
			share.join().shrink(this.size);
		}
	}

	/**
	 * Take no memory of others any longer. What was received can still be read.
	 */
	@Override
	public void close() {
		this.closed = true;
		giveBack();
	}

	private void giveBack() {
		CompletableFuture<RequestBodies.Share> share = this.share.getAndSet(null);
		if (share != null) {
			this.bodies.leave(share);
		}
	}

}
