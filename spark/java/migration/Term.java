package migration;

import org.apache.commons.codec.digest.MurmurHash3;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Term that an item adds to the sums of its bucket of keys: two numbers, hashed over all attributes. */
final class Term {
    static final StructType TYPE = new StructType(new StructField[] {
        DataTypes.createStructField("k1", DataTypes.LongType, false),
        DataTypes.createStructField("expires", DataTypes.LongType, true),
        DataTypes.createStructField("x", DataTypes.LongType, false),
        DataTypes.createStructField("y", DataTypes.LongType, false),
    });
    /** Only the key's part: it decides the bucket, and whether the item may have expired. */
    static final StructType KEY_TYPE = new StructType(new StructField[] {TYPE.fields()[0], TYPE.fields()[1]});

    private final RowPlan plan;
    private final Bytes joined = new Bytes();

    Term(RowPlan plan) {
        this.plan = plan;
    }

    InternalRow of(CanonicalValues values, int unknown) {
        long key = RowHash.of(values, plan.key, joined)[0];
        joined.clear().integer(unknown);
        for (int n = 0; n < values.states.length; n++) {
            joined.append(values.states[n]);
            if (values.states[n] == CanonicalValues.PRESENT) {
                joined.integer(values.length(n)).append(values.texts.data, values.ends[2 * n], values.ends[2 * n + 1]);
            }
        }
        long[] term = MurmurHash3.hash128x64(joined.data, 0, joined.length, plan.seed);
        return new GenericInternalRow(new Object[] {key, expires(values), term[0], term[1]});
    }

    InternalRow key(CanonicalValues values) {
        return new GenericInternalRow(new Object[] {RowHash.of(values, plan.key, joined)[0], expires(values)});
    }

    /** Return the second at which the item may expire, or null. */
    private Long expires(CanonicalValues values) {
        String text = plan.ttl < 0 ? null : values.text(plan.ttl);
        try {
            return text == null ? null : Long.valueOf(text);
        } catch (NumberFormatException error) {
            return null; // not a whole second: DynamoDB never deletes the item
        }
    }
}
