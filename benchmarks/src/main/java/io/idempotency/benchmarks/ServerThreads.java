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

package io.idempotency.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Arrays;

import com.sun.management.ThreadMXBean;

/**
 * What the threads of the servers, and those of the library, have used so far. Only one
 * server is called at a time, so that the difference of two readings belongs to it.
 *
 * @param cpuNanos time of a processor
 * @param bytes memory that was allocated
 */
record ServerThreads(long cpuNanos, long bytes) {

	private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	static ServerThreads read() {
		long[] ids = Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
			.filter((thread) -> thread != null && isCounted(thread.getThreadName()))
			.mapToLong(ThreadInfo::getThreadId)
			.toArray();
		return new ServerThreads(sum(THREADS.getThreadCpuTime(ids)), sum(THREADS.getThreadAllocatedBytes(ids)));
	}

	static long allocatedByThisThread() {
		return THREADS.getCurrentThreadAllocatedBytes();
	}

	ServerThreads since(ServerThreads before) {
		return new ServerThreads(this.cpuNanos - before.cpuNanos, this.bytes - before.bytes);
	}

	private static boolean isCounted(String name) {
		return name.startsWith("http-nio-") || name.startsWith("idempotency-");
	}

	// A thread that has ended meanwhile has -1
	private static long sum(long[] numbers) {
		return Arrays.stream(numbers).filter((number) -> number > 0).sum();
	}

}
