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

package io.idempotency.boot3;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.idempotency.Idempotent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.Handle;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.Type;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The code of the library names classes, methods and fields of Spring Boot 4 and its
 * companions. Those that are not there on Spring Boot 3.5 are known, and reached after a
 * check that they are.
 */
class LinkageTests {

	/** Reached only where Jackson 3, or what Spring Boot 4 has of HTTP clients, is. */
	private static final List<String> OF_BOOT_4 = List.of("io/idempotency/autoconfigure/HttpServiceNames",
			"io/idempotency/autoconfigure/IdempotencyRedirectAutoConfiguration",
			"io/idempotency/autoconfigure/OutcomeCodecs$Jackson3", "io/idempotency/codec/Jackson3OutcomeCodec");

	/** Called by nobody who does not know Servlet 6.1. */
	private static final String REDIRECT_OF_SERVLET_6_1 = "jakarta/servlet/http/HttpServletResponseWrapper.sendRedirect(Ljava/lang/String;IZ)V";

	private static final Pattern OTHERS = Pattern.compile("(?!java/|io/idempotency/|\\[).*");

	private static final ClassLoader LOADER = LinkageTests.class.getClassLoader();

	@Test
	void everythingThatTheLibraryNamesIsThere() {
		Map<String, Set<String>> missing = new LinkedHashMap<>();

		classes().forEach((reader) -> missing.put(reader.getClassName(), missing(reader)));
		assertThat(missing).containsKey("io/idempotency/engine/IdempotencyEngine");
		missing.values().removeIf(Set::isEmpty);

		assertThat(missing).isEmpty();
	}

	@Test
	void everythingThatInterfacesAskForIsImplemented() {
		assertThat(classes().map((reader) -> find(reader.getClassName()))
			.filter((type) -> type != null && !Modifier.isAbstract(type.getModifiers()))
			.flatMap((type) -> Arrays.stream(type.getMethods()))
			.filter((method) -> Modifier.isAbstract(method.getModifiers()))).isEmpty();
	}

	private static Stream<ClassReader> classes() {
		try {
			Resource[] files = new PathMatchingResourcePatternResolver(LOADER)
				.getResources("classpath*:io/idempotency/**/*.class");
			return Arrays.stream(files)
				.filter(LinkageTests::isOfTheLibrary)
				.map(LinkageTests::read)
				.filter((reader) -> OF_BOOT_4.stream().noneMatch(reader.getClassName()::startsWith));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The library and its tests are two archives, or two directories. */
	private static boolean isOfTheLibrary(Resource file) {
		try {
			String library = Idempotent.class.getProtectionDomain().getCodeSource().getLocation().getPath();
			return file.getURL().getPath().contains(library);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static ClassReader read(Resource file) {
		try (var content = file.getInputStream()) {
			return new ClassReader(content);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Set<String> missing(ClassReader reader) {
		Set<String> missing = new TreeSet<>();
		reader.accept(new ClassVisitor(Opcodes.ASM9) {

			@Override
			public void visit(int version, int access, String name, String signature, String superName,
					String[] interfaces) {
				Stream.concat(Stream.of(superName), Arrays.stream(interfaces))
					.filter((each) -> find(each) == null)
					.forEach(missing::add);
			}

			@Override
			public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
					String[] exceptions) {
				return new References(missing);
			}

		}, ClassReader.SKIP_DEBUG);
		return missing;
	}

	private static @Nullable Class<?> find(String name) {
		try {
			return Class.forName(ClassUtils.convertResourcePathToClassName(name), false, LOADER);
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return null;
		}
	}

	/**
	 * Collects what the code of a method names and nobody has.
	 */
	private static final class References extends MethodVisitor {

		private final Set<String> missing;

		References(Set<String> missing) {
			super(Opcodes.ASM9);
			this.missing = missing;
		}

		@Override
		public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
			check(owner, name, descriptor);
		}

		@Override
		public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
			check(owner, name, descriptor);
		}

		@Override
		public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
			Stream.of(arguments)
				.filter(Handle.class::isInstance)
				.map(Handle.class::cast)
				.forEach((handle) -> check(handle.getOwner(), handle.getName(), handle.getDesc()));
		}

		@Override
		public void visitTypeInsn(int opcode, String type) {
			if (OTHERS.matcher(type).matches() && find(type) == null) {
				this.missing.add(type);
			}
		}

		private void check(String owner, String name, String descriptor) {
			String member = owner + "." + name + descriptor;
			if (!OTHERS.matcher(owner).matches() || member.equals(REDIRECT_OF_SERVLET_6_1)) {
				return;
			}
			Class<?> type = find(owner);
			if (type == null || !has(type, name, descriptor)) {
				this.missing.add(member);
			}
		}

		private static boolean has(Class<?> type, String name, String descriptor) {
			return members(type, name).anyMatch(descriptor::equals) || !name.equals("<init>") && Stream
				.concat(Stream.of(type.getInterfaces()),
						Stream.ofNullable(type.isInterface() ? Object.class : type.getSuperclass()))
				.anyMatch((parent) -> has(parent, name, descriptor));
		}

		private static Stream<String> members(Class<?> type, String name) {
			if (name.equals("<init>")) {
				return Arrays.stream(type.getDeclaredConstructors()).map(Type::getConstructorDescriptor);
			}
			return Stream.concat(
					Arrays.stream(type.getDeclaredMethods())
						.filter((method) -> method.getName().equals(name))
						.map(Type::getMethodDescriptor),
					Arrays.stream(type.getDeclaredFields())
						.filter((field) -> field.getName().equals(name))
						.map((field) -> Type.getDescriptor(field.getType())));
		}

	}

}
