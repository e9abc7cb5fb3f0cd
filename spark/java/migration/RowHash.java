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
 * Hash of a row by the meaning of its values: 128 bits of the canonical text of every attribute of a row plan.
 *
 * <p>Rows have equal hashes exactly if DynamoDB would treat their attributes as equal: 1, 1.0 and 1e0 are the same
 * number, and two timestamps within a second are equal under `epoch_seconds`. The hash skips no value, a null differs
 * from an empty text, and each text comes with its length, so that neighbouring values cannot be confused.
 */
final class RowHash {
    static final StructType TYPE = new StructType(new StructField[] {
        DataTypes.createStructField("h1", DataTypes.LongType, false),
        DataTypes.createStructField("h2", DataTypes.LongType, false),
    });
    private static final int SEED = 0x726f7773;

    private final RowPlan plan;
    private final SourceReader reader;
    private final Bytes joined = new Bytes();

    RowHash(RowPlan plan) {
        this.plan = plan;
        reader = new SourceReader(plan);
    }

    InternalRow of(InternalRow row) {
        reader.read(row);
        CanonicalValues values = reader.values;
        joined.clear();
        for (int n = 0; n < values.states.length; n++) {
            byte state = values.states[n];
            joined.append(state);
            if (state == CanonicalValues.PRESENT) {
                joined.integer(values.length(n)).append(values.texts.data, values.ends[2 * n], values.ends[2 * n + 1]);
            } else if (state == CanonicalValues.ODD && plan.attributes.get(n).type() == DataTypes.StringType) {
                // A text that is not a value of its kind is hashed as it is: NaN differs from Infinity.
                UTF8String text = row.getUTF8String(n);
                joined.integer(text.numBytes()).append(text);
            }
        }
        long[] hash = MurmurHash3.hash128x64(joined.data, 0, joined.length, SEED);
        return new GenericInternalRow(new Object[] {hash[0], hash[1]});
    }

    /** Return the hash of only a key's attributes, which equals that of a row of just these values. */
    static long[] of(CanonicalValues values, List<Integer> key, Bytes joined) {
        joined.clear();
        for (int n = 0; n < key.size(); n++) {
            int attribute = key.get(n);
            joined.append(values.states[attribute]);
            if (values.states[attribute] == CanonicalValues.PRESENT) {
                joined.integer(values.length(attribute))
                    .append(values.texts.data, values.ends[2 * attribute], values.ends[2 * attribute + 1]);
            }
        }
        return MurmurHash3.hash128x64(joined.data, 0, joined.length, SEED);
    }
}
