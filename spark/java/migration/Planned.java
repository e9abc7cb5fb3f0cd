package migration;

import java.io.Serializable;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** A function of a row or line and of the plan that says what it is; one copy of it works for one task. */
abstract class Planned<T, R> implements ScalarFunction<R> {
    static final DataType TEXTS = DataTypes.createArrayType(DataTypes.StringType);

    private final StructType arguments;
    private final DataType result;
    private final Make<T> make;
    private transient UTF8String seen;
    private transient UTF8String text;
    private transient T worker;

    /** What makes the worker of a plan, on whichever machine the task is. */
    interface Make<T> extends Serializable {
        T of(Plan plan);
    }

    Planned(StructType arguments, DataType result, Make<T> make) {
        this.arguments = arguments;
        this.result = result;
        this.make = make;
    }

    final T worker(UTF8String plan) {
        // A plan is a constant, nearly always the very same object: its text need not be compared for each row.
        if (plan != seen) {
            if (!plan.equals(text)) {
                DataType first = arguments.fields()[0].dataType();
                worker = make.of(Plan.read(plan.toString(), first instanceof StructType row ? row : null));
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
