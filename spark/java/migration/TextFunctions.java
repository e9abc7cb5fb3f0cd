package migration;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** What is made of the texts that a database gives. */
public final class TextFunctions {
    private TextFunctions() {
    }

    /** The texts' values and the name of a column whose text is none; the second argument tells by its type which. */
    public static final class Typed implements ScalarFunction<InternalRow> {
        private final StructType arguments;
        private transient ValueReader reader;

        Typed(StructType arguments) {
            this.arguments = arguments;
        }

        @Override
        public DataType[] inputTypes() {
            return new DataType[] {given(), made(), DataTypes.StringType};
        }

        @Override
        public DataType resultType() {
            return made();
        }

        @Override
        public String name() {
            return "Typed";
        }

        /** Tell Spark that values must not be made again, as for a filter on one of them. */
        @Override
        public boolean isDeterministic() {
            return false;
        }

        /** Read the texts. */
        @SuppressWarnings("unused") // of the second argument only the type counts
        public InternalRow invoke(InternalRow texts, InternalRow none, UTF8String plan) {
            if (reader == null) {
                try {
                    reader = new ValueReader(new ObjectMapper().readTree(plan.getBytes()), given(), made());
                } catch (IOException error) {
                    throw new IllegalArgumentException("the plan of a read is no JSON: " + plan, error);
                }
            }
            return reader.read(texts);
        }

        private StructType given() {
            return (StructType) arguments.fields()[0].dataType();
        }

        private StructType made() {
            return (StructType) arguments.fields()[1].dataType();
        }
    }
}
