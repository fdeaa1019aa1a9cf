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

package io.idempotency.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import org.springframework.util.ClassUtils;

/**
 * The class path of an application that has fewer libraries than this build. Unlike a
 * filter in front of the ordinary class loader it also finds classes that are linked
 * where nobody asked whether they are there.
 */
final class ReducedClassPath implements AutoCloseable {

	private static final Pattern ARTIFACT = Pattern.compile("(.+?)-\\d.*\\.jar");

	private final Loader classLoader;

	private ReducedClassPath(Predicate<String> artifacts) {
		List<URL> urls = new ArrayList<>();
		for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
			File file = new File(entry);
			var matcher = ARTIFACT.matcher(file.getName());
			if (!matcher.matches() || artifacts.test(matcher.group(1))) {
				urls.add(url(file));
			}
		}
		this.classLoader = new Loader(urls.toArray(URL[]::new));
	}

	static ReducedClassPath without(String... artifacts) {
		List<String> removed = List.of(artifacts);
		return new ReducedClassPath((artifact) -> !removed.contains(artifact));
	}

	/** Only what the library brings along, and what is named. */
	static ReducedClassPath ofOnly(String... artifacts) {
		List<String> kept = new ArrayList<>(List.of(artifacts));
		kept.addAll(List.of("spring-boot", "spring-boot-autoconfigure", "spring-context", "spring-core", "spring-beans",
				"spring-expression", "spring-aop", "commons-logging", "jspecify"));
		return new ReducedClassPath(kept::contains);
	}

	/** Some libraries share their name: hide one by its packages. */
	ReducedClassPath hiding(String packagePrefix) {
		this.classLoader.hidden = packagePrefix;
		return this;
	}

	boolean has(String className) {
		return ClassUtils.isPresent(className, this.classLoader);
	}

	/**
	 * Call a static method of a class that is loaded anew.
	 * @param type the class
	 * @param arguments its only argument
	 * @return what it returns
	 */
	String run(Class<?> type, String... arguments) throws Exception {
		Thread thread = Thread.currentThread();
		ClassLoader before = thread.getContextClassLoader();
		thread.setContextClassLoader(this.classLoader);
		try {
			return (String) this.classLoader.loadClass(type.getName())
				.getMethod("run", String[].class)
				.invoke(null, (Object) arguments);
		}
		finally {
			thread.setContextClassLoader(before);
		}
	}

	@Override
	public void close() throws IOException {
		this.classLoader.close();
	}

	private static URL url(File file) {
		try {
			return file.toURI().toURL();
		}
		catch (MalformedURLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static final class Loader extends URLClassLoader {

		private String hidden = "none.";

		Loader(URL[] urls) {
			super(urls, ClassLoader.getPlatformClassLoader());
		}

		@Override
		protected Class<?> findClass(String name) throws ClassNotFoundException {
			if (name.startsWith(this.hidden)) {
				throw new ClassNotFoundException(name);
			}
			return super.findClass(name);
		}

	}

}
