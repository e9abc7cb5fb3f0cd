package calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;

/** Calls the jobs' functions without a Spark session: arguments and results are JSON. */
public final class Calls {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Calls() {
    }

    /**
     * Return what a function makes of each list of arguments, one after the other, by one copy of it.
     *
     * @param catalog the name of the catalog of functions
     * @param name the function
     * @param types the arguments' names and types, in Spark's DDL
     * @param arguments a JSON array of arrays; dates and moments are ISO texts, bytes are base64,
     *     and {"p": 3} is the text `ppp`
     */
    public static String call(String catalog, String name, String types, String arguments)
        throws ReflectiveOperationException, IOException, NoSuchFunctionException {
        FunctionCatalog functions =
            (FunctionCatalog) Class.forName(catalog).getDeclaredConstructor().newInstance();
        StructType signature = StructType.fromDDL(types);
        ScalarFunction<?> function =
            (ScalarFunction<?>) functions.loadFunction(Identifier.of(new String[0], name)).bind(signature);
        Method invoke = Arrays.stream(function.getClass().getMethods())
            .filter(method -> "invoke".equals(method.getName())).findFirst().orElseThrow();
        List<Object> results = new ArrayList<>();
        for (JsonNode each : JSON.readTree(arguments)) {
            results.add(result(invoke, function, each, signature));
        }
        return JSON.writeValueAsString(results);
    }

    /**
     * Return what a function says of itself to Spark: its name, its arguments' types, its result's, whether it
     * gives the same each time, and its result's type with what may be null, as JSON.
     *
     * @param catalog the name of the catalog of functions
     * @param name the function
     * @param types the arguments' names and types, in Spark's DDL
     */
    public static String described(String catalog, String name, String types)
        throws ReflectiveOperationException, IOException, NoSuchFunctionException {
        FunctionCatalog functions =
            (FunctionCatalog) Class.forName(catalog).getDeclaredConstructor().newInstance();
        ScalarFunction<?> function = (ScalarFunction<?>) functions.loadFunction(Identifier.of(new String[0], name))
            .bind(StructType.fromDDL(types));
        List<Object> said = new ArrayList<>();
        said.add(function.name());
        said.add(Arrays.stream(function.inputTypes()).map(DataType::catalogString).toList());
        said.add(function.resultType().catalogString());
        said.add(function.isDeterministic());
        said.add(function.resultType().json());
        return JSON.writeValueAsString(said);
    }

    private static Object result(Method invoke, ScalarFunction<?> function, JsonNode each, StructType signature)
        throws IllegalAccessException, IOException {
        try {
            return asJson(invoke.invoke(function, values(each, signature)), function.resultType());
        } catch (InvocationTargetException error) {
            return "failed: " + error.getCause();
        }
    }

    private static Object[] values(JsonNode json, StructType type) throws IOException {
        Object[] values = new Object[type.length()];
        for (int n = 0; n < values.length; n++) {
            values[n] = value(json.get(n), type.fields()[n].dataType());
        }
        return values;
    }

    private static Object value(JsonNode json, DataType type) throws IOException {
        if (json == null || json.isNull()) {
            return null;
        }
        if (type instanceof StructType row) {
            return new GenericInternalRow(values(json, row));
        }
        if (type instanceof ArrayType array) {
            Object[] entries = new Object[json.size()];
            for (int n = 0; n < entries.length; n++) {
                entries[n] = value(json.get(n), array.elementType());
            }
            return new GenericArrayData(entries);
        }
        return scalar(json, type);
    }

    private static Object scalar(JsonNode json, DataType type) throws IOException {
        if (type instanceof BinaryType) {
            return json.binaryValue();
        } else if (type instanceof BooleanType) {
            return json.booleanValue();
        } else if (type instanceof DateType) {
            return (int) LocalDate.parse(json.textValue()).toEpochDay();
        } else if (type instanceof TimestampType) {
            return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(json.textValue()));
        } else if (type instanceof DecimalType decimal) {
            return Decimal.apply(new BigDecimal(json.textValue()), decimal.precision(), decimal.scale());
        } else if (type instanceof DoubleType) {
            return Double.valueOf(json.asText());
        } else if (type instanceof FloatType) {
            return Float.valueOf(json.asText());
        } else if (type instanceof IntegerType) {
            return json.intValue();
        }
        if (json.isObject()) {
            return UTF8String.fromString("p".repeat(json.get("p").intValue()));
        }
        return json.isTextual() ? UTF8String.fromString(json.textValue()) : (Object) json.longValue();
    }

    private static Object asJson(Object value, DataType type) {
        if (value instanceof InternalRow row) {
            StructField[] fields = ((StructType) type).fields();
            List<Object> members = new ArrayList<>();
            for (int n = 0; n < fields.length; n++) {
                members.add(row.isNullAt(n) ? null : asJson(row.get(n, fields[n].dataType()), fields[n].dataType()));
            }
            return members;
        }
        if (value instanceof ArrayData array) {
            DataType of = ((ArrayType) type).elementType();
            List<Object> entries = new ArrayList<>();
            for (int n = 0; n < array.numElements(); n++) {
                entries.add(array.isNullAt(n) ? null : asJson(array.get(n, of), of));
            }
            return entries;
        }
        return value instanceof UTF8String || value instanceof Decimal ? value.toString() : value;
    }
}
