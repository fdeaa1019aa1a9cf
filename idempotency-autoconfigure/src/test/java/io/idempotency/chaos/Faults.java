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
package io.idempotency.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.idempotency.test.servers.TcpProxy;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What goes wrong, in the order that a seed gives: one fault after every so many calls.
 */
final class Faults implements AutoCloseable {

	/** Longer than a lease, so that others take over meanwhile. */
	private static final Duration PAUSE = Duration.ofMillis(1500);

	private static final int PAUSES = 2;

	private static final int KILLS = 4;

	private static final int BLACKOUTS = 2;

	private final Random random;

	private final TcpProxy proxy;

	private final Fleet fleet;

	private final JdbcTemplate jdbc;

	private final List<Fault> faults = new ArrayList<>();

	private final Map<Fault, Integer> struck = new EnumMap<>(Fault.class);

	private final Semaphore calls = new Semaphore(0);

	private final int callsPerFault;

	private final ExecutorService striker = Executors.newSingleThreadExecutor();

	private final Future<?> striking;

	private final ScheduledExecutorService processes = Executors.newSingleThreadScheduledExecutor();

	private final Queue<Future<?>> toProcesses = new ConcurrentLinkedQueue<>();

	Faults(long seed, int number, int callsPerFault, TcpProxy proxy, Fleet fleet, JdbcTemplate jdbc) {
		this.random = new Random(seed);
		this.callsPerFault = callsPerFault;
		this.proxy = proxy;
		this.fleet = fleet;
		this.jdbc = jdbc;
		this.faults.addAll(Collections.nCopies(PAUSES, Fault.PROCESS_PAUSED));
		this.faults.addAll(Collections.nCopies(KILLS, Fault.PROCESS_KILLED));
		this.faults.addAll(Collections.nCopies(BLACKOUTS, Fault.ALL_CONNECTIONS_CUT));
		Fault[] ofOneConnection = Fault.values();
		for (int i = 0; this.faults.size() < number; i++) {
			this.faults.add(ofOneConnection[i % Fault.OF_ONE_CONNECTION]);
		}
		Collections.shuffle(this.faults, this.random);
		this.striking = this.striker.submit(this::strikeAll);
	}

	/** Note that a call ended. */
	void callEnded() {
		this.calls.release();
	}

	/** Return how often what went wrong. */
	Map<Fault, Integer> struck() {
		return this.struck;
	}

	/**
	 * Wait until all has gone wrong that was to, and let nothing do so any more.
	 * @throws ExecutionException if something could not be made to go wrong
	 */
	void end() throws InterruptedException, ExecutionException {
		this.striking.get();
		for (Future<?> toProcess : this.toProcesses) {
			toProcess.get();
		}
		close();
	}

	private void strikeAll() {
		try {
			for (Fault fault : this.faults) {
				this.calls.acquire(this.callsPerFault);
				strike(fault);
				this.struck.merge(fault, 1, Integer::sum);
			}
		}
		catch (InterruptedException ex) {
			// no more faults
		}
	}

	private void strike(Fault fault) {
		int process = this.random.nextInt(Fleet.SIZE);
		switch (fault) {
			case PROCESS_KILLED ->
				this.toProcesses.add(this.processes.submit(() -> this.fleet.killAndReplace(process)));
			case PROCESS_PAUSED -> {
				this.toProcesses.add(this.processes.submit(() -> this.fleet.pause(process)));
				this.toProcesses.add(this.processes.schedule(() -> this.fleet.resume(process), PAUSE.toMillis(),
						TimeUnit.MILLISECONDS));
			}
			case ALL_CONNECTIONS_CUT -> this.proxy.cutAll();
			case BACKEND_TERMINATED -> this.jdbc.queryForList("""
					SELECT pg_terminate_backend(pid) FROM pg_stat_activity
					WHERE datname = current_database() AND application_name = 'payments'
					ORDER BY state = 'idle', md5(pid::text || ?) LIMIT 1
					""", this.random.nextInt());
			default -> this.proxy.injectOnce(fault.networkFault, fault.marker);
		}
	}

	@Override
	public void close() {
		this.striker.shutdownNow();
		this.processes.shutdown();
		try {
			this.striker.awaitTermination(1, TimeUnit.MINUTES);
			this.processes.awaitTermination(3, TimeUnit.MINUTES);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.proxy.resume();
	}

	/**
	 * What may go wrong.
	 */
	enum Fault {

		COMMIT_ANSWER_LOST(TcpProxy.Fault.CUT_REPLY, "COMMIT"),

		COMMIT_NOT_SENT(TcpProxy.Fault.CUT_REQUEST, "COMMIT"),

		CLAIM_ANSWER_LOST(TcpProxy.Fault.CUT_REPLY, "INSERT INTO idempotency_record"),

		CLAIM_NOT_SENT(TcpProxy.Fault.CUT_REQUEST, "INSERT INTO idempotency_record"),

		RECORDING_ANSWER_LOST(TcpProxy.Fault.CUT_REPLY, "UPDATE idempotency_record"),

		RECORDING_NOT_SENT(TcpProxy.Fault.CUT_REQUEST, "UPDATE idempotency_record"),

		EFFECT_ANSWER_LOST(TcpProxy.Fault.CUT_REPLY, "ledger"),

		BACKEND_TERMINATED(null, ""),

		ALL_CONNECTIONS_CUT(null, ""),

		PROCESS_PAUSED(null, ""),

		PROCESS_KILLED(null, "");

		/** The first ones cost one connection each. */
		private static final int OF_ONE_CONNECTION = ALL_CONNECTIONS_CUT.ordinal();

		private final TcpProxy.Fault networkFault;

		private final String marker;

		Fault(TcpProxy.Fault networkFault, String marker) {
			this.networkFault = networkFault;
			this.marker = marker;
		}

	}

}
