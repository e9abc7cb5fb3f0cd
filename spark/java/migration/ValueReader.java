package migration;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Base64;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Reader of a database's texts as values; names a row's first column whose text is not a value of its type. */
final class ValueReader {
    private final Column[] columns;
    private final int results;

    /** A column: its catalog type without brackets, its types, and whether its text may be invalid JSON. */
    record Column(UTF8String name, String type, DataType sourceType, DataType valueType, boolean doubtful) {
    }

    /**
     * Prepare to read rows.
     *
     * @param plan name and catalog type of each text; JSON documents come last, since they make no value
     */
    ValueReader(JsonNode plan, StructType sourceType, StructType valueType) {
        columns = new Column[plan.size()];
        results = valueType.length();
        for (int n = 0; n < columns.length; n++) {
            JsonNode column = plan.get(n);
            String type = column.get("type").asText();
            columns[n] = new Column(UTF8String.fromString(column.get("name").asText()),
                type.startsWith("numeric(") ? "decimal" : type, sourceType.fields()[n].dataType(),
                "json".equals(type) ? null : valueType.fields()[n].dataType(), column.path("doubtful").asBoolean());
        }
    }

    /** Return the values, then the name of the first column whose text is not a value of its type, or null. */
    InternalRow read(InternalRow texts) {
        Object[] values = new Object[results];
        int first = columns.length;
        for (int n = 0; n < columns.length; n++) {
            if (!texts.isNullAt(n)) {
                Column column = columns[n];
                boolean good = true;
                if (column.valueType == null) {
                    good = !column.doubtful || Documents.isJson(texts.getUTF8String(n).getBytes());
                } else {
                    values[n] = value(texts, n, column);
                    good = values[n] != null;
                }
                first = good ? first : Math.min(first, n);
            }
        }
        values[results - 1] = first < columns.length ? columns[first].name : null;
        return new GenericInternalRow(values);
    }

    private static Object value(InternalRow texts, int n, Column column) {
        if (column.sourceType == DataTypes.BooleanType) {
            return texts.getBoolean(n);
        }
        UTF8String text = texts.getUTF8String(n);
        try {
            return switch (column.type) {
                case "decimal" -> decimal(text, (DecimalType) column.valueType);
                case "double" -> Double.valueOf(text.toString());
                case "real" -> Double.valueOf(Numbers.shortest(Float.parseFloat(text.toString())));
                case "boolean" -> bool(text.toString());
                case "date" -> Timestamps.parseDate(text);
                case "timestamp", "timestamptz" -> Timestamps.parseTimestamp(text);
                case "bytes" -> Base64.getDecoder().decode(text.getBytes());
                case "text[]" -> new ArrayText(text.getBytes()).texts();
                case "bigint[]" -> new ArrayText(text.getBytes()).numbers();
                default -> throw new IllegalStateException("no values are made of the type " + column.type);
            };
        } catch (IllegalArgumentException error) {
            return null; // not a number, or not base64
        }
    }

    private static Boolean bool(String text) {
        return switch (text) {
            case "1", "true" -> Boolean.TRUE;
            case "0", "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    /** Return the number to its last digit, or null if the type cannot hold it. */
    private static Decimal decimal(UTF8String text, DecimalType type) {
        Decimal quick = shortDecimal(text.getBytes(), type);
        if (quick != null) {
            return quick;
        }
        BigDecimal number = new BigDecimal(text.toString());
        try {
            number = number.setScale(type.scale(), RoundingMode.UNNECESSARY);
        } catch (ArithmeticException error) {
            return null;
        }
        return number.precision() > type.precision() ? null : Decimal.apply(number, type.precision(), type.scale());
    }

    /** Return a number of few digits in the databases' plain notation, or null. */
    private static Decimal shortDecimal(byte[] text, DecimalType type) {
        boolean negative = text.length > 0 && text[0] == '-';
        int first = negative ? 1 : 0;
        int decimals = -1;
        long unscaled = 0;
        if (text.length - first > Decimal.MAX_LONG_DIGITS()) {
            return null;
        }
        for (int at = first; at < text.length; at++) {
            int digit = text[at] - '0';
            if (text[at] == '.' && decimals < 0) {
                decimals = 0;
            } else if (digit < 0 || digit > 9) {
                return null;
            } else {
                unscaled = 10 * unscaled + digit;
                decimals += decimals < 0 ? 0 : 1;
            }
        }
        int missing = type.scale() - Math.max(decimals, 0);
        int most = Math.min(type.precision(), Decimal.MAX_LONG_DIGITS());
        int digits = text.length - first - (decimals < 0 ? 0 : 1);
        if (digits == 0 || missing < 0 || missing > most || unscaled >= Bytes.power(most - missing)) {
            return null;
        }
        long size = unscaled * Bytes.power(missing);
        return new Decimal().set(negative ? -size : size, type.precision(), type.scale());
    }
}
