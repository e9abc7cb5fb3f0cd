package migration;

import java.io.Serializable;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Base of the functions of a row or line and its row plan; each task has its own copy. */
abstract class PlannedFunction<T, R> implements ScalarFunction<R> {
    static final DataType TEXTS = DataTypes.createArrayType(DataTypes.StringType);

    private final StructType arguments;
    private final DataType result;
    private final Make<T> make;
    private transient UTF8String seen;
    private transient UTF8String text;
    private transient T worker;

    /** Factory of a row plan's worker; travels to the task's machine. */
    interface Make<T> extends Serializable {
        T of(RowPlan plan);
    }

    PlannedFunction(StructType arguments, DataType result, Make<T> make) {
        this.arguments = arguments;
        this.result = result;
        this.make = make;
    }

    final T worker(UTF8String plan) {
        // The plan is a constant and nearly always the same object, so its text is rarely compared.
        if (plan != seen) {
            if (!plan.equals(text)) {
                DataType first = arguments.fields()[0].dataType();
                worker = make.of(RowPlan.read(plan.toString(), first instanceof StructType row ? row : null));
                text = plan.clone();
            }
            seen = plan;
        }
        return worker;
    }

    @Override
    public DataType[] inputTypes() {
        return new DataType[] {arguments.fields()[0].dataType(), DataTypes.StringType};
    }

    @Override
    public DataType resultType() {
        return result;
    }

    @Override
    public String name() {
        return getClass().getSimpleName();
    }
}
