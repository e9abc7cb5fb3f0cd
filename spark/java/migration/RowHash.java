package migration;

import java.util.List;
import org.apache.commons.codec.digest.MurmurHash3;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Hashes a row by what its values mean: 128 bits over the canonical text of every attribute of a plan.
 *
 * <p>Rows have equal hashes exactly where DynamoDB would take their attributes for the same: 1, 1.0 and 1e0 are one
 * number, two timestamps within a second are one under `epoch_seconds`. No value is skipped, a null is not an empty
 * text, and each text comes with its length, so that no two values can pass for one.
 */
final class RowHash {
    static final StructType TYPE = new StructType(new StructField[] {
        DataTypes.createStructField("h1", DataTypes.LongType, false),
        DataTypes.createStructField("h2", DataTypes.LongType, false),
    });
    private static final int SEED = 0x726f7773;

    private final Plan plan;
    private final SourceReader reader;
    private final Bytes joined = new Bytes();

    RowHash(Plan plan) {
        this.plan = plan;
        reader = new SourceReader(plan);
    }

    InternalRow of(InternalRow row) {
        reader.read(row);
        Values values = reader.values;
        joined.clear();
        for (int n = 0; n < values.states.length; n++) {
            byte state = values.states[n];
            joined.append(state);
            if (state == Values.PRESENT) {
                joined.integer(values.length(n)).append(values.texts.data, values.ends[2 * n], values.ends[2 * n + 1]);
            } else if (state == Values.ODD && plan.attributes.get(n).type() == DataTypes.StringType) {
                // A text that is no value of its kind stands for itself: NaN is not Infinity.
                UTF8String text = row.getUTF8String(n);
                joined.integer(text.numBytes()).append(text);
            }
        }
        long[] hash = MurmurHash3.hash128x64(joined.data, 0, joined.length, SEED);
        return new GenericInternalRow(new Object[] {hash[0], hash[1]});
    }

    /** Return the hash of a key's attributes alone; a row of nothing but these values has the same. */
    static long[] of(Values values, List<Integer> key, Bytes joined) {
        joined.clear();
        for (int n = 0; n < key.size(); n++) {
            int attribute = key.get(n);
            joined.append(values.states[attribute]);
            if (values.states[attribute] == Values.PRESENT) {
                joined.integer(values.length(attribute))
                    .append(values.texts.data, values.ends[2 * attribute], values.ends[2 * attribute + 1]);
            }
        }
        return MurmurHash3.hash128x64(joined.data, 0, joined.length, SEED);
    }
}
