package embedded;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import py4j.reflection.ClassLoadingStrategy;
import py4j.reflection.CurrentThreadClassLoadingStrategy;
import py4j.reflection.ReflectionUtil;

/**
 * Remembers which names are classes.
 *
 * <p>PySpark asks py4j for a class by its simple name with each call of a function, and py4j tries every imported
 * package. A name that is no class is looked for in all of Spark's archives, which takes a millisecond or more.
 */
public final class ClassLookups implements ClassLoadingStrategy {
    private static final ClassLookups INSTALLED = new ClassLookups();

    private final ClassLoadingStrategy strategy = new CurrentThreadClassLoadingStrategy();
    private final Map<Lookup, Optional<Class<?>>> classes = new ConcurrentHashMap<>();

    private ClassLookups() {
    }

    /** Lets py4j look up every name once. */
    public static void install() {
        ReflectionUtil.setClassLoadingStrategy(INSTALLED);
    }

    /** Forgets every class: an application's classes have a loader of their own. */
    static void forget() {
        INSTALLED.classes.clear();
    }

    @Override
    public Class<?> classForName(String name) throws ClassNotFoundException {
        return classes.computeIfAbsent(new Lookup(getClassLoader(), name), this::find)
                .orElseThrow(() -> new ClassNotFoundException(name));
    }

    @Override
    public ClassLoader getClassLoader() {
        return strategy.getClassLoader();
    }

    private Optional<Class<?>> find(Lookup lookup) {
        try {
            return Optional.of(strategy.classForName(lookup.name()));
        } catch (ClassNotFoundException absent) {
            return Optional.empty();
        }
    }

    private record Lookup(ClassLoader loader, String name) {
    }
}
