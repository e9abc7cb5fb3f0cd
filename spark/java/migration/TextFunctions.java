package migration;

import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/** What is made of single values. */
public final class TextFunctions {
    private TextFunctions() {
    }

    /** The moment that a database's text is, or null. */
    public static final class Moment implements ScalarFunction<Long> {
        @Override
        public DataType[] inputTypes() {
            return new DataType[] {DataTypes.StringType};
        }

        @Override
        public DataType resultType() {
            return DataTypes.TimestampType;
        }

        @Override
        public String name() {
            return "Moment";
        }

        /** Read the text. */
        public static Long invoke(UTF8String text) {
            return Moments.parse(text);
        }
    }

    /** The double whose text is the shortest that gives the same 32 bits. */
    public static final class Real implements ScalarFunction<Double> {
        @Override
        public DataType[] inputTypes() {
            return new DataType[] {DataTypes.DoubleType};
        }

        @Override
        public DataType resultType() {
            return DataTypes.DoubleType;
        }

        @Override
        public String name() {
            return "Real";
        }

        /** Round the number. */
        public static double invoke(double number) {
            return Double.parseDouble(Numbers.shortest((float) number));
        }
    }
}
