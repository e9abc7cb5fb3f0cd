package migration;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Functions of a database's texts. */
public final class TextFunctions {
    private TextFunctions() {
    }

    /** Function that returns the texts' values, typed as its second argument is, and the first unreadable column. */
    public static final class Typed implements ScalarFunction<InternalRow> {
        private final StructType arguments;
        private transient ValueReader reader;

        Typed(StructType arguments) {
            this.arguments = arguments;
        }

        @Override
        public DataType[] inputTypes() {
            return new DataType[] {sourceType(), valueType(), DataTypes.StringType};
        }

        @Override
        public DataType resultType() {
            return valueType();
        }

        @Override
        public String name() {
            return "Typed";
        }

        /** Tell Spark to evaluate the function once per row, even if a filter uses a value. */
        @Override
        public boolean isDeterministic() {
            return false;
        }

        /** Read the texts. */
        @SuppressWarnings("unused") // only the type of the second argument counts
        public InternalRow invoke(InternalRow texts, InternalRow none, UTF8String plan) {
            if (reader == null) {
                try {
                    reader = new ValueReader(new ObjectMapper().readTree(plan.getBytes()), sourceType(), valueType());
                } catch (IOException error) {
                    throw new IllegalArgumentException("the read plan is not valid JSON: " + plan, error);
                }
            }
            return reader.read(texts);
        }

        private StructType sourceType() {
            return (StructType) arguments.fields()[0].dataType();
        }

        private StructType valueType() {
            return (StructType) arguments.fields()[1].dataType();
        }
    }
}
