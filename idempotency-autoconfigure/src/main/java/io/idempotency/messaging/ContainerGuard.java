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

import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.SmartLifecycle;

/**
 * Guards the containers of an application before they are started. They are looked up
 * then, because they would be started together with whoever has them injected.
 */
public abstract class ContainerGuard implements SmartLifecycle, ApplicationContextAware {

	private @Nullable ApplicationContext applicationContext;

	private volatile boolean running;

	@Override
	public final void setApplicationContext(ApplicationContext applicationContext) {
		this.applicationContext = applicationContext;
	}

	/**
	 * Guard all containers that are known.
	 */
	@Override
	public final void start() {
		ApplicationContext context = this.applicationContext;
		if (context != null) {
			guardContainersOf(context);
		}
		this.running = true;
	}

	/**
	 * Guard all containers that an application knows.
	 * @param context the application
	 */
	protected abstract void guardContainersOf(ApplicationContext context);

	@Override
	public final void stop() {
		this.running = false;
	}

	@Override
	public final boolean isRunning() {
		return this.running;
	}

	/** Before everything, because a container may have any phase. */
	@Override
	public final int getPhase() {
		return Integer.MIN_VALUE;
	}

}
