package witness;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.expressions.InSet;
import org.apache.spark.sql.catalyst.expressions.XxHash64Function;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.collection.JavaConverters;

/** Lookup of rows by their hash within a scan: a join would take Spark jobs of its own. */
public final class Lookup {
    private static final long SEED = 42; // of Spark's xxhash64

    private Lookup() {
    }

    /**
     * Return the rows that have the hash of a sampled row.
     *
     * @param key the type of the hashed columns, which are `at` these positions of a sampled row
     * @param hash Spark's xxhash64 of the same columns of `rows`
     */
    public static Dataset<Row> among(Dataset<Row> rows, List<Row> sampled, StructType key, int[] at, Column hash) {
        Set<Object> hashes = new HashSet<>();
        Hasher hasher = new Hasher(key, at);
        sampled.forEach(row -> hashes.add(hasher.of(row)));
        InSet isSampled = new InSet(hash.expr(), JavaConverters.asScalaSetConverter(hashes).asScala().toSet());
        return rows.where(new Column(isSampled));
    }

    /** Spark's own hash, computed without a query plan. */
    private static final class Hasher {
        private final StructType key;
        private final int[] at;
        private final Function1<Object, Object>[] converters;

        @SuppressWarnings("unchecked") // an array of generics
        Hasher(StructType key, int[] at) {
            this.key = key;
            this.at = at;
            converters = new Function1[at.length];
            for (int n = 0; n < at.length; n++) {
                converters[n] = CatalystTypeConverters.createToCatalystConverter(key.apply(n).dataType());
            }
        }

        Long of(Row row) {
            long hash = SEED;
            for (int n = 0; n < at.length; n++) {
                Object value = converters[n].apply(row.get(at[n]));
                hash = XxHash64Function.hash(value, key.apply(n).dataType(), hash);
            }
            return hash;
        }
    }
}
