package migration;

import java.util.List;
import org.apache.commons.codec.digest.MurmurHash3;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Fingerprint of an item of either side: 128 bits of its key, 64 of all exact attributes, 32 of each attribute. */
final class Fingerprint {
    static final StructType TYPE = new StructType(new StructField[] {
        DataTypes.createStructField("k1", DataTypes.LongType, false),
        DataTypes.createStructField("k2", DataTypes.LongType, false),
        DataTypes.createStructField("h", DataTypes.LongType, false),
        DataTypes.createStructField("f", DataTypes.createArrayType(DataTypes.LongType, false), false),
        DataTypes.createStructField("loose", DataTypes.createArrayType(DataTypes.DoubleType, false), false),
    });
    /** Only the key and the 64 bits of the exact attributes. */
    static final StructType NARROW_TYPE =
        new StructType(new StructField[] {TYPE.fields()[0], TYPE.fields()[1], TYPE.fields()[2]});
    private static final int SEED = 0x6d696772;
    private static final long LOW_HALF = 0xFFFFFFFFL;
    // From this length on, the hash of 128 bits is faster than that of 32, and replaces the text everywhere.
    private static final int LONG_TEXT = 64;

    private final RowPlan plan;
    private final Bytes joined = new Bytes();
    private final long[][] hashes; // of long texts, else null

    Fingerprint(RowPlan plan) {
        this.plan = plan;
        hashes = new long[plan.attributes.size()][];
    }

    InternalRow of(CanonicalValues values, int unknown) {
        hashLongTexts(values);
        long[] key = RowHash.of(values, plan.key, joined);
        // Bits of its own, not the attributes': a wrong match would need a collision in both.
        long[] row = joined(values, plan.exact, unknown);
        return new GenericInternalRow(new Object[] {key[0], key[1], row[1], packed(values, unknown), loose(values)});
    }

    /** Return the columns of NARROW_TYPE; null if a key attribute has no value of its kind. */
    InternalRow narrow(CanonicalValues values, int unknown) {
        for (int n = 0; n < plan.key.size(); n++) {
            if (values.states[plan.key.get(n)] != CanonicalValues.PRESENT) {
                return null;
            }
        }
        hashLongTexts(values);
        long[] key = RowHash.of(values, plan.key, joined);
        return new GenericInternalRow(new Object[] {key[0], key[1], joined(values, plan.exact, unknown)[1]});
    }

    private void hashLongTexts(CanonicalValues values) {
        for (int n = 0; n < hashes.length; n++) {
            int length = values.length(n);
            hashes[n] = length < LONG_TEXT ? null
                : MurmurHash3.hash128x64(values.texts.data, values.ends[2 * n], length, SEED);
        }
    }

    /** Return a hash of attributes, each with its length, so that no two lists of attributes have the same bytes. */
    private long[] joined(CanonicalValues values, List<Integer> attributes, int unknown) {
        joined.clear().integer(unknown);
        for (int n = 0; n < attributes.size(); n++) {
            int attribute = attributes.get(n);
            joined.append(values.states[attribute]);
            if (values.states[attribute] == CanonicalValues.PRESENT) {
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

    /** Return 32 bits per attribute, two in each number: exact attributes, unknown, loose, then excluded ones. */
    private UnsafeArrayData packed(CanonicalValues values, int unknown) {
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

    private int mark(CanonicalValues values, int n) {
        if (values.states[n] != CanonicalValues.PRESENT) {
            return values.states[n];
        }
        return hashes[n] == null
            ? MurmurHash3.hash32x86(values.texts.data, values.ends[2 * n], values.length(n), SEED) : (int) hashes[n][0];
    }

    private static void pack(long[] packed, int at, int mark) {
        long bits = mark & LOW_HALF;
        packed[at / 2] |= at % 2 == 0 ? bits << Integer.SIZE : bits;
    }

    /** Return the values of loose attributes, NaN for a missing value. */
    private UnsafeArrayData loose(CanonicalValues values) {
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
            return Double.NaN; // NaN lies outside every tolerance
        }
    }
}
