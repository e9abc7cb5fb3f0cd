package embedded;

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Properties;

import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkUserAppException;
import org.apache.spark.deploy.SparkSubmit;
import org.apache.spark.sql.SparkSession;

/**
 * Runs one Spark application after the other in this JVM, each as spark-submit runs it, with nothing left of the last.
 *
 * <p>What stays is Spark's own code: loaded and compiled. The classes of an application have a loader of their own.
 */
public final class Drivers {
    private static final String JDBC_DRIVERS = "org.apache.spark.sql.execution.datasources.jdbc.DriverRegistry$";
    private static final String GENERATED_CODE =
        "org.apache.spark.sql.catalyst.expressions.codegen.CodeGenerator$";

    // Spark's name of the thread that copies what the application prints.
    private static final String OUTPUT = "redirect output";
    private static final long OUTPUT_MILLISECONDS = 5_000;

    private Drivers() {
    }

    /**
     * Runs the application of each line of the standard input, and answers each with `ended` and its exit code.
     *
     * <p>A line is the Base64 of words that NUL separates: the file for the application's output, then the arguments of
     * spark-submit.
     */
    public static void main(String[] none)
            throws IOException, InterruptedException, ReflectiveOperationException {
        ClassLookups.install();
        PrintStream answers = System.out;
        Properties initial = initialProperties();
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8).split("\0", -1);
            FileOutputStream file = new FileOutputStream(words[0], true);
            try (PrintStream log = new PrintStream(file, true, StandardCharsets.UTF_8)) {
                System.setOut(log);
                System.setErr(log);
                System.setProperties((Properties) initial.clone());
                int code = run(Arrays.copyOfRange(words, 1, words.length));
                awaitOutput();
                answers.println("ended " + code);
            }
        }
        System.exit(0);
    }

    /** Returns what this JVM was started with, without the settings by which spark-submit began this class. */
    private static Properties initialProperties() {
        Properties initial = new Properties();
        for (String name : System.getProperties().stringPropertyNames()) {
            if (!name.startsWith("spark.")) {
                initial.setProperty(name, System.getProperty(name));
            }
        }
        return initial;
    }

    private static int run(String[] arguments) throws IOException, ReflectiveOperationException {
        Thread.currentThread().setContextClassLoader(ClassLoader.getSystemClassLoader());
        int code = submit(arguments);
        forget();
        return code;
    }

    private static int submit(String[] arguments) {
        try {
            new SparkSubmit().doSubmit(arguments);
            return 0;
        } catch (Throwable failure) {
            // Scala declares no exceptions, so Java may not catch this one by its name.
            if (failure instanceof SparkUserAppException) {
                return ((SparkUserAppException) failure).exitCode();
            }
            failure.printStackTrace();
            return 1;
        }
    }

    /** Waits for the application's last words, which Spark still copies when the application has ended. */
    private static void awaitOutput() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (OUTPUT.equals(thread.getName())) {
                thread.join(OUTPUT_MILLISECONDS);
            }
        }
    }

    /** Ends what the application left open, and forgets all that Spark and Hadoop keep of its settings and classes. */
    private static void forget() throws IOException, ReflectiveOperationException {
        if (SparkSession.getDefaultSession().isDefined()) {
            try (SparkSession left = SparkSession.getDefaultSession().get()) {
                SparkSession.clearActiveSession();
            }
        }
        SparkSession.clearDefaultSession();
        FileSystem.closeAll();
        ClassLookups.forget();
        // Spark keeps both by name, and the next application has other classes of the same names.
        call(kept(JDBC_DRIVERS, "wrapperMap"), "clear");
        call(kept(GENERATED_CODE, "cache"), "invalidateAll");
    }

    private static Object kept(String singleton, String name) throws ReflectiveOperationException {
        Class<?> type = Class.forName(singleton);
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(type.getField("MODULE$").get(null));
    }

    private static void call(Object object, String method) throws ReflectiveOperationException {
        object.getClass().getMethod(method).invoke(object);
    }
}
