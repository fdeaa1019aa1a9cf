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

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * The memory that the bodies of guarded requests take, each and all of them at once. A
 * small body is read as it comes. A larger one waits, first come, first served, until
 * there is room for as much of it as may come, so that no request waits for another one
 * that waits. Safe for use by many threads.
 */
public final class RequestBodies {

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

	private final int limit;

	private final long memory;

	private final Duration longestWait;

	private final Deque<Waiting> waiting = new ArrayDeque<>();

	private long taken;

	/**
	 * Create it.
	 * @param limit the most bytes of one body
	 * @param memory the most bytes of all larger bodies together, at least the limit
	 */
	public RequestBodies(int limit, long memory) {
		this(limit, memory, LONGEST_WAIT);
	}

	RequestBodies(int limit, long memory, Duration longestWait) {
		if (memory < limit) {
			throw new IllegalArgumentException(
					"A body may have " + limit + " bytes (idempotency.web.max-request-body): use at least that");
		}
		this.limit = limit;
		this.memory = memory;
		this.longestWait = longestWait;
	}

	/**
	 * Begin to keep a body.
	 * @param announced how many bytes the client said that it has, negative if it did not
	 * @return where it is kept; it must be closed
	 * @throws ProblemException if it is too large
	 */
	public KeptBytes begin(long announced) {
		checkSize(announced);
		return new KeptBytes(this, (int) announced);
	}

	/**
	 * Refuse a body that is too large.
	 * @param bytes how many bytes it has
	 * @throws ProblemException if these are too many
	 */
	public void checkSize(long bytes) {
		if (bytes > this.limit) {
			throw ProblemException.tooLarge();
		}
	}

	/**
	 * Refuse a form that is larger than a body may be. One that is sent in chunks does
	 * not tell its length before.
	 * @param fields the values by name
	 * @throws ProblemException if they have more characters than a body may have bytes
	 */
	public void checkSize(Map<String, String[]> fields) {
		long size = 0;
		for (Map.Entry<String, String[]> field : fields.entrySet()) {
			for (String value : field.getValue()) {
				size += field.getKey().length() + value.length();
			}
		}
		checkSize(size);
	}

	int limit() {
		return this.limit;
	}

	Duration longestWait() {
		return this.longestWait;
	}

	/**
	 * Ask for memory.
	 * @param bytes how much, at most the limit
	 * @return comes when it is there; if it is cancelled before, it takes none
	 */
	CompletableFuture<Share> take(int bytes) {
		CompletableFuture<Share> share = new CompletableFuture<>();
		synchronized (this) {
			this.waiting.add(new Waiting(bytes, share));
		}
		serve();
		return share;
	}

	/**
	 * Take none of it any longer, whether it came or is still waited for.
	 * @param share what was asked for
	 */
	void leave(CompletableFuture<Share> share) {
		if (share.cancel(false)) {
			// For who is next in the queue there may be enough
			serve();
		}
		else {
			share.join().shrink(0);
		}
	}

	private void serve() {
		for (Waiting next = next(); next != null; next = next()) {
			if (!next.share.complete(new Share(next.bytes))) {
				giveBack(next.bytes);
			}
		}
	}

	private synchronized @Nullable Waiting next() {
		while (!this.waiting.isEmpty() && this.waiting.element().share.isDone()) {
			this.waiting.remove();
		}
		Waiting next = this.waiting.peek();
		if (next == null || next.bytes > this.memory - this.taken) {
			return null;
		}
		this.taken += next.bytes;
		return this.waiting.remove();
	}

	private synchronized void giveBack(int bytes) {
		this.taken -= bytes;
	}

	/**
	 * Return how much larger bodies take now.
	 * @return the number of bytes
	 */
	public synchronized long taken() {
		return this.taken;
	}

	private record Waiting(int bytes, CompletableFuture<Share> share) {
	}

	/** What one body has of the memory. */
	final class Share {

		private int bytes;

		private Share(int bytes) {
			this.bytes = bytes;
		}

		/** Keep no more than that. */
		void shrink(int most) {
			synchronized (RequestBodies.this) {
				if (most < this.bytes) {
					giveBack(this.bytes - most);
					this.bytes = most;
				}
			}
			serve();
		}

	}

}
