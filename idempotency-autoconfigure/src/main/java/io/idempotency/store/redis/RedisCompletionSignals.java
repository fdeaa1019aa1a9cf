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

package io.idempotency.store.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.CompletionSignals;
import io.idempotency.store.RecordId;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.Message;
import org.springframework.data.redis.connection.MessageListener;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * One subscription for all waiters of a store, opened when the first one listens and kept
 * until the store is closed. Where it cannot be opened, waiters are left to poll, and one
 * of the next ones tries again.
 */
final class RedisCompletionSignals implements CompletionSignals, AutoCloseable {

	private static final Log logger = LogFactory.getLog(RedisCompletionSignals.class);

	private static final Duration RETRY_INTERVAL = Duration.ofSeconds(5);

	/** One thread is blocked by drivers without asynchronous subscriptions. */
	private static final int THREADS = 3;

	private final Map<String, List<Waiter>> waiters = new ConcurrentHashMap<>();

	private final RedisConnectionFactory connectionFactory;

	private final String channel;

	private final Object lifecycle = new Object();

	private volatile boolean settled;

	private long failedAt;

	private @Nullable Subscription subscription;

	RedisCompletionSignals(RedisConnectionFactory connectionFactory, String channel) {
		this.connectionFactory = connectionFactory;
		this.channel = channel;
	}

	@Override
	public Registration listen(RecordId id, Runnable wakeUp) {
		String key = id.toHex();
		Waiter waiter = new Waiter(wakeUp);
		this.waiters.compute(key, (unused, present) -> {
			List<Waiter> all = (present != null) ? present : new CopyOnWriteArrayList<>();
			all.add(waiter);
			return all;
		});
		if (!this.settled) {
			subscribe();
		}
		return () -> this.waiters.computeIfPresent(key, (unused, all) -> {
			all.remove(waiter);
			return all.isEmpty() ? null : all;
		});
	}

	private void subscribe() {
		synchronized (this.lifecycle) {
			if (this.settled || recentlyFailed()) {
				return;
			}
			if (this.subscription == null) {
				this.subscription = new Subscription(this.connectionFactory);
			}
			try {
				this.subscription.open(this.channel, this::wakeUp);
				this.settled = true;
			}
			catch (RuntimeException ex) {
				this.failedAt = System.nanoTime();
				logger.debug("No signals from Redis for now, waiters poll", ex);
			}
		}
	}

	private boolean recentlyFailed() {
		return this.failedAt != 0 && System.nanoTime() - this.failedAt < RETRY_INTERVAL.toNanos();
	}

	private void wakeUp(Message message, byte @Nullable [] pattern) {
		List<Waiter> woken = this.waiters.get(new String(message.getBody(), StandardCharsets.ISO_8859_1));
		if (woken != null) {
			woken.forEach((waiter) -> waiter.wakeUp().run());
		}
	}

	@Override
	public void close() {
		synchronized (this.lifecycle) {
			this.settled = true;
			if (this.subscription != null) {
				this.subscription.close();
				this.subscription = null;
			}
			this.waiters.clear();
		}
	}

	/** A registration of its own, even if the same callback listens twice. */
	private static final class Waiter {

		private final Runnable wakeUp;

		Waiter(Runnable wakeUp) {
			this.wakeUp = wakeUp;
		}

		Runnable wakeUp() {
			return this.wakeUp;
		}

	}

	/**
	 * The container keeps the subscription alive across reconnects.
	 */
	private static final class Subscription {

		private final ScheduledThreadPoolExecutor executor;

		private final RedisMessageListenerContainer container = new RedisMessageListenerContainer();

		Subscription(RedisConnectionFactory connectionFactory) {
			CustomizableThreadFactory threads = new CustomizableThreadFactory("idempotency-redis-");
			threads.setDaemon(true);
			this.executor = new ScheduledThreadPoolExecutor(THREADS, threads);
			this.executor.setKeepAliveTime(RETRY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
			this.executor.allowCoreThreadTimeOut(true);
			this.container.setConnectionFactory(connectionFactory);
			this.container.setTaskExecutor(this.executor);
			this.container.setRecoveryInterval(RETRY_INTERVAL.toMillis());
			this.container.afterPropertiesSet();
			this.container.start();
		}

		void open(String channel, MessageListener listener) {
			this.container.addMessageListener(listener, new ChannelTopic(channel));
		}

		void close() {
			try {
				this.container.destroy();
			}
			catch (Exception ex) {
				logger.debug("The subscription did not end cleanly", ex);
			}
			this.executor.shutdownNow();
		}

	}

}
