package migration;

import java.util.List;
import org.apache.commons.codec.digest.MurmurHash3;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Stands for one side's item: 128 bits of its key, 64 of what must be equal, and 32 of each attribute. */
final class Fingerprint {
    static final StructType TYPE = new StructType(new StructField[] {
        DataTypes.createStructField("k1", DataTypes.LongType, false),
        DataTypes.createStructField("k2", DataTypes.LongType, false),
        DataTypes.createStructField("h", DataTypes.LongType, false),
        DataTypes.createStructField("f", DataTypes.createArrayType(DataTypes.LongType, false), false),
        DataTypes.createStructField("loose", DataTypes.createArrayType(DataTypes.DoubleType, false), false),
    });
    /** The key and what must be equal, alone. */
    static final StructType NARROW_TYPE =
        new StructType(new StructField[] {TYPE.fields()[0], TYPE.fields()[1], TYPE.fields()[2]});
    private static final int SEED = 0x6d696772;
    private static final long LOW_HALF = 0xFFFFFFFFL;
    // From there on the hash of 128 bits is faster than that of 32, and stands for the text wherever it is needed.
    private static final int LONG_TEXT = 64;

    private final Plan plan;
    private final Bytes joined = new Bytes();
    private final long[][] hashes; // of long texts, else null

    Fingerprint(Plan plan) {
        this.plan = plan;
        hashes = new long[plan.attributes.size()][];
    }

    InternalRow of(Values values, int unknown) {
        hashLongTexts(values);
        long[] key = RowHash.of(values, plan.key, joined);
        // Of other bits than the attributes' own, so that both would have to be alike by chance.
        long[] row = joined(values, plan.exact, unknown);
        return new GenericInternalRow(new Object[] {key[0], key[1], row[1], packed(values, unknown), loose(values)});
    }

    /** Return the narrow part of the same; null where a key attribute has no value of its kind. */
    InternalRow narrow(Values values, int unknown) {
        for (int n = 0; n < plan.key.size(); n++) {
            if (values.states[plan.key.get(n)] != Values.PRESENT) {
                return null;
            }
        }
        hashLongTexts(values);
        long[] key = RowHash.of(values, plan.key, joined);
        return new GenericInternalRow(new Object[] {key[0], key[1], joined(values, plan.exact, unknown)[1]});
    }

    private void hashLongTexts(Values values) {
        for (int n = 0; n < hashes.length; n++) {
            int length = values.length(n);
            hashes[n] = length < LONG_TEXT ? null
                : MurmurHash3.hash128x64(values.texts.data, values.ends[2 * n], length, SEED);
        }
    }

    /** Return a hash of attributes, each told with its length, so that none can pass for two. */
    private long[] joined(Values values, List<Integer> attributes, int unknown) {
        joined.clear().integer(unknown);
        for (int n = 0; n < attributes.size(); n++) {
            int attribute = attributes.get(n);
            joined.append(values.states[attribute]);
            if (values.states[attribute] == Values.PRESENT) {
                int from = values.ends[2 * attribute];
                joined.integer(values.length(attribute));
                if (hashes[attribute] == null) {
                    joined.append(values.texts.data, from, values.ends[2 * attribute + 1]);
                } else {
                    joined.whole(hashes[attribute][0]).whole(hashes[attribute][1]);
                }
            }
        }
        return MurmurHash3.hash128x64(joined.data, 0, joined.length, SEED);
    }

    /** Return 32 bits of every attribute, two in one number: the exact ones, unknown ones, loose and excluded ones. */
    private UnsafeArrayData packed(Values values, int unknown) {
        long[] packed = new long[(plan.attributes.size() + 2) / 2];
        int at = 0;
        for (int n = 0; n < plan.exact.size(); n++) {
            pack(packed, at++, mark(values, plan.exact.get(n)));
        }
        pack(packed, at++, unknown);
        for (int n = 0; n < plan.loose.size(); n++) {
            pack(packed, at++, mark(values, plan.loose.get(n)));
        }
        for (int n = 0; n < plan.excluded.size(); n++) {
            pack(packed, at++, mark(values, plan.excluded.get(n)));
        }
        return UnsafeArrayData.fromPrimitiveArray(packed);
    }

    private int mark(Values values, int n) {
        if (values.states[n] != Values.PRESENT) {
            return values.states[n];
        }
        return hashes[n] == null
            ? MurmurHash3.hash32x86(values.texts.data, values.ends[2 * n], values.length(n), SEED) : (int) hashes[n][0];
    }

    private static void pack(long[] packed, int at, int mark) {
        long bits = mark & LOW_HALF;
        packed[at / 2] |= at % 2 == 0 ? bits << Integer.SIZE : bits;
    }

    /** Return the values of loose attributes, NaN where there is none. */
    private UnsafeArrayData loose(Values values) {
        double[] loose = new double[plan.loose.size()];
        for (int n = 0; n < loose.length; n++) {
            String text = values.text(plan.loose.get(n));
            loose[n] = text == null ? Double.NaN : number(text);
        }
        return UnsafeArrayData.fromPrimitiveArray(loose);
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException error) {
            return Double.NaN; // a tolerance of what is no number hides nothing
        }
    }
}
