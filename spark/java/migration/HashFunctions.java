package migration;

import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** What is made of hashes. */
public final class HashFunctions {
    private HashFunctions() {
    }

    /** Whether the task has met the hash before, on another row. */
    public static final class Again implements ScalarFunction<Boolean> {
        private transient SeenHashes seen; // a task has a copy of the function for itself

        @Override
        public DataType[] inputTypes() {
            return new DataType[] {DataTypes.LongType};
        }

        @Override
        public DataType resultType() {
            return DataTypes.BooleanType;
        }

        @Override
        public String name() {
            return "Again";
        }

        /** Tell Spark that it must ask once for each row. */
        @Override
        public boolean isDeterministic() {
            return false;
        }

        /** Look the hash up, and keep it. */
        public boolean invoke(long hash) {
            if (seen == null) {
                seen = new SeenHashes();
            }
            return seen.add(hash);
        }
    }

    /** Whether a number's bit is set: in a map of buckets. */
    public static final class Marked implements ScalarFunction<Boolean> {
        @Override
        public DataType[] inputTypes() {
            return new DataType[] {DataTypes.BinaryType, DataTypes.LongType};
        }

        @Override
        public DataType resultType() {
            return DataTypes.BooleanType;
        }

        @Override
        public String name() {
            return "Marked";
        }

        /** Look at the bit. */
        public static boolean invoke(byte[] bits, long number) {
            return (bits[(int) (number >>> 3)] >> (number & 7) & 1) != 0;
        }
    }
}
