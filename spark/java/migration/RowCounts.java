package migration;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.AccumulatorV2;

/**
 * Counters of rows by class and cluster, kept while a job writes the items among these rows.
 *
 * <p>Spark's own counts would need an expression per class and cluster, each evaluated for every row: 320 of them with
 * 64 clusters. As with an observation, Spark takes the counts of each task of a job's last stage once, however often
 * the task is retried.
 */
public final class RowCounts extends AccumulatorV2<UTF8String, Map<UTF8String, Map<UTF8String, Long>>> {
    private static final long serialVersionUID = 1;
    private static final UTF8String ITEM = UTF8String.fromString("item");
    private static final UTF8String UNMATCHED = UTF8String.fromString("unmatched");
    private static final Map<Long, RowCounts> KNOWN = new ConcurrentHashMap<>(); // on the driver
    private static final AtomicLong NEXT = new AtomicLong();

    private final HashMap<UTF8String, Map<UTF8String, Long>> byCluster = new HashMap<>();

    /** Begin new counts; return the number of their function `counted_<number>`. */
    public static long begin(SparkContext spark) {
        RowCounts counts = new RowCounts();
        spark.register(counts);
        long number = NEXT.incrementAndGet();
        KNOWN.put(number, counts);
        return number;
    }

    /** Return a line per class and cluster, like `12 item east`, and forget the counts. */
    public static String take(long number) {
        Map<String, Long> lines = new TreeMap<>();
        KNOWN.remove(number).byCluster.forEach((cluster, classes) ->
            classes.forEach((name, rows) -> lines.put(name + " " + cluster, rows)));
        return lines.entrySet().stream().map(line -> line.getValue() + " " + line.getKey())
            .collect(Collectors.joining("\n"));
    }

    static RowCounts of(long number) {
        return KNOWN.get(number);
    }

    private void add(UTF8String cluster, UTF8String name, long rows) {
        Map<UTF8String, Long> classes = byCluster.get(cluster);
        if (classes == null) {
            classes = new HashMap<>();
            byCluster.put(cluster.clone(), classes); // Spark writes the next row where this one was
        }
        Long before = classes.get(name);
        classes.put(before == null ? name.clone() : name, before == null ? rows : before + rows);
    }

    @Override
    public boolean isZero() {
        return byCluster.isEmpty();
    }

    @Override
    public AccumulatorV2<UTF8String, Map<UTF8String, Map<UTF8String, Long>>> copy() {
        RowCounts copy = new RowCounts();
        copy.merge(this);
        return copy;
    }

    @Override
    public void reset() {
        byCluster.clear();
    }

    @Override
    public void add(UTF8String cluster) {
        add(cluster, ITEM, 1);
    }

    @Override
    public void merge(AccumulatorV2<UTF8String, Map<UTF8String, Map<UTF8String, Long>>> others) {
        others.value().forEach((cluster, classes) -> classes.forEach((name, rows) -> add(cluster, name, rows)));
    }

    @Override
    public Map<UTF8String, Map<UTF8String, Long>> value() {
        return byCluster;
    }

    /** Function that returns whether a row is an item, and counts the row. */
    public static final class Counted implements ScalarFunction<Boolean> {
        private final RowCounts counts;

        Counted(RowCounts counts) {
            this.counts = counts;
        }

        @Override
        public DataType[] inputTypes() {
            return new DataType[] {DataTypes.StringType, DataTypes.StringType, DataTypes.BooleanType};
        }

        @Override
        public DataType resultType() {
            return DataTypes.BooleanType;
        }

        @Override
        public String name() {
            return "Counted";
        }

        /** Tell Spark that it must ask once for each row. */
        @Override
        public boolean isDeterministic() {
            return false;
        }

        /** Count the row. */
        public boolean invoke(UTF8String name, UTF8String cluster, boolean isUnmatched) {
            if (cluster != null && name != null) {
                counts.add(cluster, name, 1);
            }
            if (cluster != null && isUnmatched) {
                counts.add(cluster, UNMATCHED, 1);
            }
            return ITEM.equals(name);
        }
    }
}
