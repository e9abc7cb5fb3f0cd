package migration;

import java.util.List;
import org.apache.commons.codec.digest.MurmurHash3;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Stands for one side's item: 128 bits of its key and of its attributes, and 32 of each attribute. */
final class Fingerprint {
    static final StructType TYPE = new StructType(new StructField[] {
        DataTypes.createStructField("k1", DataTypes.LongType, false),
        DataTypes.createStructField("k2", DataTypes.LongType, false),
        DataTypes.createStructField("h1", DataTypes.LongType, false),
        DataTypes.createStructField("h2", DataTypes.LongType, false),
        DataTypes.createStructField("f", DataTypes.createArrayType(DataTypes.LongType, false), false),
        DataTypes.createStructField("loose", DataTypes.createArrayType(DataTypes.DoubleType, false), false),
    });
    private static final int SEED = 0x6d696772;
    private static final long LOW_HALF = 0xFFFFFFFFL;

    private final Plan plan;
    private final long[] marks; // two for each attribute, and two for the unknown ones
    private final byte[] joined;

    Fingerprint(Plan plan) {
        this.plan = plan;
        marks = new long[2 * (plan.attributes.size() + 1)];
        joined = new byte[8 * marks.length];
    }

    InternalRow of(Values values, int unknown) {
        for (int n = 0; n < values.states.length; n++) {
            mark(values, n);
        }
        int others = plan.attributes.size();
        marks[2 * others] = unknown;
        marks[2 * others + 1] = unknown;
        long[] key = joined(plan.key, false);
        long[] row = joined(plan.exact, true);
        return new GenericInternalRow(new Object[] {key[0], key[1], row[0], row[1], packed(others), loose(values)});
    }

    private void mark(Values values, int n) {
        if (values.states[n] != Values.PRESENT) {
            marks[2 * n] = values.states[n];
            marks[2 * n + 1] = values.states[n];
            return;
        }
        int from = values.ends[2 * n];
        long[] hash = MurmurHash3.hash128x64(values.texts.data, from, values.ends[2 * n + 1] - from, SEED);
        marks[2 * n] = hash[0];
        marks[2 * n + 1] = hash[1];
    }

    private long[] joined(List<Integer> attributes, boolean unknown) {
        int length = 0;
        for (int n = 0; n < attributes.size(); n++) {
            length = put(attributes.get(n), length);
        }
        length = unknown ? put(plan.attributes.size(), length) : length;
        return MurmurHash3.hash128x64(joined, 0, length, SEED);
    }

    private int put(int attribute, int from) {
        int at = from;
        for (int half = 0; half < 2; half++) {
            long mark = marks[2 * attribute + half];
            for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
                joined[at++] = (byte) (mark >>> shift);
            }
        }
        return at;
    }

    /** Return 32 bits of every attribute, two in one number: the exact ones, unknown ones, loose and excluded ones. */
    private UnsafeArrayData packed(int others) {
        long[] packed = new long[(others + 2) / 2];
        int at = 0;
        for (int n = 0; n < plan.exact.size(); n++) {
            pack(packed, at++, plan.exact.get(n));
        }
        pack(packed, at++, others);
        for (int n = 0; n < plan.loose.size(); n++) {
            pack(packed, at++, plan.loose.get(n));
        }
        for (int n = 0; n < plan.excluded.size(); n++) {
            pack(packed, at++, plan.excluded.get(n));
        }
        return UnsafeArrayData.fromPrimitiveArray(packed);
    }

    private void pack(long[] packed, int at, int attribute) {
        long mark = marks[2 * attribute] & LOW_HALF;
        packed[at / 2] |= at % 2 == 0 ? mark << Integer.SIZE : mark;
    }

    /** Return the values of loose attributes, NaN where there is none. */
    private UnsafeArrayData loose(Values values) {
        double[] loose = new double[plan.loose.size()];
        for (int n = 0; n < loose.length; n++) {
            int attribute = plan.loose.get(n);
            String text = values.text(attribute);
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
