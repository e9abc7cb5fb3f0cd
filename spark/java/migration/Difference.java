package migration;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Function that names the attributes in which two items of the same key differ.
 *
 * <p>A single function serves all attributes: an expression for each would make the plan of a wide table too large. Its
 * row holds the differing bits of both fingerprints: a number of 64 bits for all exact attributes, then a number for
 * every two attributes (exact, tolerant, excluded), then both values of every tolerant attribute.
 */
public final class Difference implements ScalarFunction<InternalRow> {
    static final StructType TYPE = new StructType(new StructField[] {
        DataTypes.createStructField("changed", DataTypes.BooleanType, false),
        DataTypes.createStructField("marks", DataTypes.createArrayType(DataTypes.IntegerType), false),
    });
    private static final long LOW_HALF = 0xFFFFFFFFL;

    private final StructType arguments;

    Difference(StructType arguments) {
        this.arguments = arguments;
    }

    @Override
    public DataType[] inputTypes() {
        DataType tolerances = DataTypes.createArrayType(DataTypes.DoubleType);
        return new DataType[] {arguments.fields()[0].dataType(), DataTypes.IntegerType, tolerances};
    }

    @Override
    public DataType resultType() {
        return TYPE;
    }

    @Override
    public String name() {
        return "Difference";
    }

    /**
     * Return whether the item is changed, and the numbers of attributes to count.
     *
     * <p>These are the changed attributes; numbers above the exact and tolerant attributes mark tolerant and excluded
     * attributes whose difference is hidden.
     */
    public static InternalRow invoke(InternalRow row, int exact, ArrayData tolerances) {
        int loose = tolerances.numElements();
        int words = row.numFields() - 1 - 2 * loose;
        int[] marks = new int[2 * words];
        int many = 0;
        for (int n = 0; n < exact; n++) {
            if (differs(row, n)) {
                marks[many++] = n;
            }
        }
        if (many == 0 && row.getLong(0) != 0) {
            // Fingerprints of 32 bits may collide; the 64 bits of the whole still show that something differs.
            for (int n = 0; n < exact; n++) {
                marks[many++] = n;
            }
        }
        boolean changed = many > 0;
        for (int n = 0; n < loose; n++) {
            if (differs(row, exact + n)) {
                int at = 1 + words + 2 * n;
                double distance = Math.abs(row.getDouble(at) - row.getDouble(at + 1));
                // NaN lies outside every tolerance.
                boolean outside = !(distance <= tolerances.getDouble(n));
                marks[many++] = outside ? exact + n : exact + loose + n;
                changed |= outside;
            }
        }
        for (int n = exact + loose; n < 2 * words; n++) {
            if (differs(row, n)) {
                marks[many++] = loose + n;
            }
        }
        Object[] numbers = Arrays.stream(marks, 0, many).boxed().toArray();
        return new GenericInternalRow(new Object[] {changed, new GenericArrayData(numbers)});
    }

    private static boolean differs(InternalRow row, int n) {
        long pair = row.getLong(1 + n / 2);
        return (n % 2 == 0 ? pair >>> Integer.SIZE : pair & LOW_HALF) != 0;
    }
}
