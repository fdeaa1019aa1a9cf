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

package io.idempotency.key;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;

/**
 * The form of an object: its members by name. A record has components; another object has
 * public getters, or else public fields.
 */
final class Members implements Form {

	private static final MethodType READ = MethodType.methodType(Object.class, Object.class);

	private static final String HIBERNATE_PROXY = "$HibernateProxy$";

	private static final String GENERATED = "$$";

	private final Class<?> type;

	private final Member[] members;

	private Members(Class<?> type, Collection<Member> members) {
		this.type = type;
		this.members = members.toArray(Member[]::new);
	}

	static Form find(Class<?> type) {
		Class<?> declaring = withoutProxy(type);
		String refusal = UndigestibleTypes.reason(declaring);
		if (refusal != null) {
			return refused(refusal, null);
		}
		try {
			Map<String, Member> members = declaring.isRecord() ? components(declaring) : properties(declaring);
			if (members.isEmpty() && !declaring.isRecord()) {
				return refused("it has neither public getters nor public fields", null);
			}
			return new Members(declaring, members.values());
		}
		catch (IllegalAccessException | RuntimeException ex) {
			return refused("its members are not accessible", ex);
		}
	}

	private static Form refused(String reason, @Nullable Throwable cause) {
		return (encoder, value, declared) -> {
			throw encoder.refuse(value, reason, cause);
		};
	}

	/** A proxy shows the members of what it stands for, and some of its own. */
	private static Class<?> withoutProxy(Class<?> type) {
		Class<?> result = type;
		while (result.getName().contains(HIBERNATE_PROXY) || result.getName().contains(GENERATED)) {
			Class<?> parent = result.getSuperclass();
			if (parent == null || parent == Object.class || result.isHidden()) {
				return result;
			}
			result = parent;
		}
		return result;
	}

	private static Map<String, Member> components(Class<?> type) throws IllegalAccessException {
		Map<String, Member> members = new TreeMap<>();
		for (RecordComponent component : type.getRecordComponents()) {
			add(members, type, component.getName(), component.getAccessor());
		}
		return members;
	}

	private static Map<String, Member> properties(Class<?> type) throws IllegalAccessException {
		Map<String, Member> members = new TreeMap<>();
		Method[] methods = type.getMethods();
		// get before is: where both are there, the first one counts
		Arrays.sort(methods,
				Comparator.comparing(Method::getName).thenComparing((method) -> method.getReturnType().getName()));
		for (Method method : methods) {
			String name = propertyName(method);
			if (name != null && !members.containsKey(name)) {
				add(members, type, name, method);
			}
		}
		return members.isEmpty() ? fields(type) : members;
	}

	private static Map<String, Member> fields(Class<?> type) throws IllegalAccessException {
		Map<String, Member> members = new TreeMap<>();
		for (Field field : type.getFields()) {
			if (!Modifier.isStatic(field.getModifiers()) && !members.containsKey(field.getName())) {
				open(field);
				members.put(field.getName(), new Member(field.getName(), MethodHandles.lookup().unreflectGetter(field),
						ResolvableType.forField(field, type)));
			}
		}
		return members;
	}

	private static void add(Map<String, Member> members, Class<?> type, String name, Method method)
			throws IllegalAccessException {
		open(method);
		members.put(name, new Member(name, MethodHandles.lookup().unreflect(method),
				ResolvableType.forMethodReturnType(method, type)));
	}

	/** A class of the application need not be public; its module may say no. */
	private static void open(AccessibleObject member) {
		member.trySetAccessible();
	}

	private static @Nullable String propertyName(Method method) {
		Class<?> result = method.getReturnType();
		if (method.getParameterCount() > 0 || result == void.class || method.isSynthetic()
				|| Modifier.isStatic(method.getModifiers()) || method.getDeclaringClass() == Object.class) {
			return null;
		}
		String name = method.getName();
		if (name.startsWith("get") && name.length() > 3) {
			return decapitalized(name.substring(3));
		}
		boolean truth = result == boolean.class || result == Boolean.class;
		return (truth && name.startsWith("is") && name.length() > 2) ? decapitalized(name.substring(2)) : null;
	}

	private static String decapitalized(String name) {
		if (name.length() > 1 && Character.isUpperCase(name.charAt(0)) && Character.isUpperCase(name.charAt(1))) {
			return name;
		}
		return Character.toLowerCase(name.charAt(0)) + name.substring(1);
	}

	@Override
	public void write(Encoder encoder, Object value, Declared declared) {
		encoder.enter(value);
		CanonicalBuffer out = encoder.out();
		if (declared.differsFrom(this.type)) {
			out.tag(Tag.NAMED_OBJECT);
			out.text(this.type.getSimpleName());
		}
		else {
			out.tag(Tag.OBJECT);
		}
		for (Member member : this.members) {
			encoder.member(member.name);
			Object content = Declared.unwrap(read(member, encoder, value));
			if (content != null) {
				out.raw(member.encodedName);
				encoder.value(content, member.declared);
			}
		}
		out.tag(Tag.END);
		encoder.leave();
	}

	private static @Nullable Object read(Member member, Encoder encoder, Object value) {
		try {
			return (Object) member.read.invokeExact(value);
		}
		catch (Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw encoder.refuse(value, "its member cannot be read", ex);
		}
	}

	private static final class Member {

		private final String name;

		private final byte[] encodedName;

		private final MethodHandle read;

		private final Declared declared;

		Member(String name, MethodHandle read, ResolvableType declared) {
			this.name = name;
			this.read = read.asType(READ);
			this.declared = Declared.of(declared);
			CanonicalBuffer buffer = new CanonicalBuffer();
			// Tells a member from the end
			buffer.tag(Tag.TEXT);
			buffer.text(name);
			this.encodedName = buffer.copyFrom(0);
		}

	}

}
