package migration;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/** Functions of hashes, of file names and of bit maps. */
public final class HashFunctions {
    private HashFunctions() {
    }

    /** Function that returns whether the task has met a hash before, on another row. */
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

        /** Look the hash up and keep it. */
        public boolean invoke(long hash) {
            if (seen == null) {
                seen = new SeenHashes();
            }
            return seen.add(hash);
        }
    }

    /** Function that returns the cluster of a landed file by its path. */
    public static final class ClusterOf implements ScalarFunction<UTF8String> {
        private static final String FOLDER = "/$cluster=";

        private transient UTF8String path;
        private transient UTF8String cluster;

        @Override
        public DataType[] inputTypes() {
            return new DataType[] {DataTypes.StringType};
        }

        @Override
        public DataType resultType() {
            return DataTypes.StringType;
        }

        @Override
        public String name() {
            return "ClusterOf";
        }

        /** Read the path, which all rows of a file share. */
        public UTF8String invoke(UTF8String file) {
            if (!file.equals(path)) {
                cluster = UTF8String.fromString(folder(file.toString()));
                path = file.clone();
            }
            return cluster;
        }

        private static String folder(String file) {
            String plain = URLDecoder.decode(file.replace("+", "%2B"), StandardCharsets.UTF_8);
            int from = plain.lastIndexOf(FOLDER);
            if (from < 0) {
                throw new IllegalArgumentException(plain + " lies in no cluster's folder");
            }
            from += FOLDER.length();
            return plain.substring(from, plain.indexOf('/', from));
        }
    }

    /** Function that returns whether a number's bit is set in a bit map of buckets. */
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
