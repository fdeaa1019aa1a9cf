package io.idempotency.test.servers;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link RedisServer}.
 */
class RedisServerIntegrationTests {

	@Test
	void sharedServerAnswers() {
		assertThat(RedisServer.shared()).isSameAs(RedisServer.shared());
		assertThat(ping(RedisServer.shared())).isEqualTo("PONG");
	}

	@Test
	void startedServerIsEmptyAndOnTheSamePort() {
		try (RedisServer server = RedisServer.launch()) {
			int port = server.port();
			write(server, "key", "value");

			server.stop();
			server.start();

			assertThat(server.port()).isEqualTo(port);
			assertThat(read(server, "key")).isNull();
		}
	}

	@Test
	void optionsReachTheServer() {
		try (RedisServer server = RedisServer.launch("--maxmemory-policy", "allkeys-lru")) {
			RedisClient client = RedisClient.create(server.url());
			try (StatefulRedisConnection<String, String> connection = client.connect()) {
				assertThat(connection.sync().info("memory")).contains("maxmemory_policy:allkeys-lru");
			}
			finally {
				client.shutdown();
			}
		}
	}

	@Test
	void runningServerIsNotStartedAgain() {
		try (RedisServer server = RedisServer.launch()) {
			assertThatIllegalStateException().isThrownBy(server::start);
		}
	}

	private static String ping(RedisServer server) {
		return call(server, RedisCommands::ping);
	}

	private static void write(RedisServer server, String key, String value) {
		call(server, (commands) -> commands.set(key, value));
	}

	private static String read(RedisServer server, String key) {
		return call(server, (commands) -> commands.get(key));
	}

	private static String call(RedisServer server, Call call) {
		RedisClient client = RedisClient.create(server.url());
		try (StatefulRedisConnection<String, String> connection = client.connect()) {
			return call.on(connection.sync());
		}
		finally {
			client.shutdown();
		}
	}

	private interface Call {

		String on(RedisCommands<String, String> commands);

	}

}
