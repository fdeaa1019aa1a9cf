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

package io.idempotency.messaging.kafka;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.idempotency.messaging.ContainerGuard;
import io.idempotency.messaging.ListenerOperations;
import io.idempotency.messaging.Recipient;
import io.idempotency.method.MethodOperation;
import io.idempotency.method.MethodOperations;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.kafka.config.KafkaListenerConfigUtils;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.AfterRollbackProcessor;
import org.springframework.kafka.listener.BatchInterceptor;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.kafka.listener.RecordInterceptor;
import org.springframework.kafka.listener.adapter.HandlerAdapter;
import org.springframework.kafka.listener.adapter.MessagingMessageListenerAdapter;
import org.springframework.kafka.support.TopicPartitionOffset;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;

/**
 * Puts the guard's parts into the containers of Kafka listeners right before they are
 * started, around whatever the application has put there. A container that is registered
 * later is to be {@linkplain #guard guarded} before it is started.
 */
public final class KafkaListenerGuard extends ContainerGuard<AbstractMessageListenerContainer<?, ?>> {

	private static final String REGISTRY = KafkaListenerConfigUtils.KAFKA_LISTENER_ENDPOINT_REGISTRY_BEAN_NAME;

	private final ListenerOperations operations;

	/**
	 * Create the guard.
	 * @param edge knows listeners
	 * @param operations finds the operation of a listener
	 */
	public KafkaListenerGuard(KafkaListenerEdge edge, Supplier<MethodOperations> operations) {
		this.operations = new ListenerOperations(edge, operations);
	}

	@Override
	protected Collection<AbstractMessageListenerContainer<?, ?>> containersOf(ApplicationContext context) {
		List<AbstractMessageListenerContainer<?, ?>> containers = new ArrayList<>();
		if (context.containsBean(REGISTRY)) {
			context.getBean(REGISTRY, KafkaListenerEndpointRegistry.class)
				.getAllListenerContainers()
				.forEach((container) -> addIfKnown(containers, container));
		}
		return containers;
	}

	private static void addIfKnown(List<AbstractMessageListenerContainer<?, ?>> containers,
			MessageListenerContainer container) {
		if (container instanceof AbstractMessageListenerContainer<?, ?> known) {
			containers.add(known);
		}
	}

	@Override
	protected List<MethodOperation> operationsOf(AbstractMessageListenerContainer<?, ?> container) {
		Object listener = ListenerOperations.innermost(container.getContainerProperties().getMessageListener());
		if (!(listener instanceof MessagingMessageListenerAdapter<?, ?>)) {
			return (listener != null) ? this.operations.of(listener, null) : List.of();
		}
		HandlerAdapter handler = ListenerOperations.field(listener, HandlerAdapter.class);
		return (handler != null) ? this.operations.of(handler.getBean(), ListenerOperations.invokedBy(handler))
				: List.of();
	}

	/**
	 * The group, and what it reads here: two methods of one group may well get messages
	 * with the same key from two topics. What a retry topic brings is the main topic's.
	 */
	@Override
	protected String subscriptionOf(AbstractMessageListenerContainer<?, ?> container) {
		ContainerProperties properties = mainOf(container).getContainerProperties();
		TreeSet<String> topics = new TreeSet<>();
		if (properties.getTopics() != null) {
			topics.addAll(List.of(properties.getTopics()));
		}
		if (properties.getTopicPartitions() != null) {
			Stream.of(properties.getTopicPartitions()).map(TopicPartitionOffset::getTopic).forEach(topics::add);
		}
		String group = mainOf(container).getGroupId();
		String pattern = String.valueOf(properties.getTopicPattern());
		return text(List.of(String.valueOf(group), pattern, text(topics)));
	}

	private MessageListenerContainer mainOf(AbstractMessageListenerContainer<?, ?> container) {
		String id = container.getMainListenerId();
		ApplicationContext context = applicationContext();
		if (id == null || context == null || !context.containsBean(REGISTRY)) {
			return container;
		}
		MessageListenerContainer main = context.getBean(REGISTRY, KafkaListenerEndpointRegistry.class)
			.getListenerContainer(id);
		return (main != null) ? main : container;
	}

	/**
	 * Guard a container. Does nothing to one that is guarded already.
	 * @param container the container, which is not running
	 * @throws io.idempotency.engine.InvalidOperationException if its listener cannot work
	 * with it
	 */
	public void guard(MessageListenerContainer container) {
		if (container instanceof AbstractMessageListenerContainer<?, ?> known) {
			guardOne(known);
		}
	}

	@Override
	protected void guard(AbstractMessageListenerContainer<?, ?> container, List<MethodOperation> operations,
			Recipient recipient) {
		KafkaContainerCheck.check(container, operations);
		decorate(container, recipient);
	}

	private static <K, V> void decorate(AbstractMessageListenerContainer<K, V> container, Recipient recipient) {
		RecordInterceptor<K, V> interceptor = interceptorOf(container, "getRecordInterceptor");
		if (interceptor instanceof DeliveringRecordInterceptor) {
			return;
		}
		Assert.state(!container.isRunning(),
				() -> "Container '" + container.getListenerId() + "' is running and can no longer be guarded");
		container.setRecordInterceptor(new DeliveringRecordInterceptor<>(interceptor, recipient, isRetried(container)));
		BatchInterceptor<K, V> batchInterceptor = interceptorOf(container, "getBatchInterceptor");
		container.setBatchInterceptor(new DeliveringBatchInterceptor<>(batchInterceptor, recipient));
		CommonErrorHandler handler = container.getCommonErrorHandler();
		boolean transactional = container.getContainerProperties().getKafkaAwareTransactionManager() != null;
		if (handler != null || !transactional) {
			container.setCommonErrorHandler(
					new RedeliveringErrorHandler((handler != null) ? handler : new DefaultErrorHandler()));
		}
		@SuppressWarnings("unchecked")
		AfterRollbackProcessor<K, V> processor = (AfterRollbackProcessor<K, V>) container.getAfterRollbackProcessor();
		container.setAfterRollbackProcessor(new RedeliveringRollbackProcessor<>(processor));
	}

	/** Those of retry topics and dead letter handlers know the listener that failed. */
	private static boolean isRetried(AbstractMessageListenerContainer<?, ?> container) {
		String main = container.getMainListenerId();
		return main != null && !main.equals(container.getListenerId());
	}

	/**
	 * The getters are not public before version 4.
	 */
	@SuppressWarnings("unchecked")
	private static <T> @Nullable T interceptorOf(AbstractMessageListenerContainer<?, ?> container, String getter) {
		Method method = ReflectionUtils.findMethod(AbstractMessageListenerContainer.class, getter);
		Assert.state(method != null, () -> "Unknown version of Spring for Apache Kafka: no method " + getter);
		ReflectionUtils.makeAccessible(method);
		return (T) ReflectionUtils.invokeMethod(method, container);
	}

}
