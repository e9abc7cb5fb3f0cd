package migration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Reads a database's texts as the values that they are, and names the first column of a row whose text is none. */
final class ValueReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory STRICT =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Column[] columns;
    private final int results;

    /** One column: its catalog type without brackets, what its values are, and whether its names must differ. */
    record Column(UTF8String name, String type, DataType given, DataType made, boolean distinct) {
    }

    /**
     * Prepare to read rows.
     *
     * @param plan name and catalog type of each text; JSON documents come last, since no value is made of them
     */
    ValueReader(JsonNode plan, StructType given, StructType made) {
        columns = new Column[plan.size()];
        results = made.length();
        for (int n = 0; n < columns.length; n++) {
            JsonNode column = plan.get(n);
            String type = column.get("type").asText();
            columns[n] = new Column(UTF8String.fromString(column.get("name").asText()),
                type.startsWith("numeric(") ? "decimal" : type, given.fields()[n].dataType(),
                "json".equals(type) ? null : made.fields()[n].dataType(), column.path("distinct").asBoolean());
        }
    }

    /** Return the values, and last the name of the first column whose text is there but is no value, or null. */
    InternalRow read(InternalRow texts) {
        Object[] values = new Object[results];
        int first = columns.length;
        for (int n = 0; n < columns.length; n++) {
            if (!texts.isNullAt(n)) {
                Column column = columns[n];
                boolean good = true;
                if (column.made == null) {
                    good = isDocument(texts.getUTF8String(n), column.distinct);
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
        if (column.given == DataTypes.BooleanType) {
            return texts.getBoolean(n);
        }
        UTF8String text = texts.getUTF8String(n);
        try {
            return switch (column.type) {
                case "decimal" -> decimal(text, (DecimalType) column.made);
                case "double" -> Double.valueOf(text.toString());
                case "real" -> Double.valueOf(Numbers.shortest((float) Double.parseDouble(text.toString())));
                case "boolean" -> bool(text.toString());
                case "date" -> Moments.parseDate(text);
                case "timestamp", "timestamptz" -> Moments.parse(text);
                case "bytes" -> Base64.getDecoder().decode(text.getBytes());
                case "text[]" -> texts(text.getBytes());
                case "bigint[]" -> numbers(text.getBytes());
                default -> throw new IllegalStateException("no values are made of the type " + column.type);
            };
        } catch (IllegalArgumentException error) {
            return null; // no number, or no base64
        }
    }

    private static Boolean bool(String text) {
        return switch (text) {
            case "1", "true" -> Boolean.TRUE;
            case "0", "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    /** Return the number, to its last digit; null if the type cannot hold it. */
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

    /** Return a number of few digits, written as databases write it; null of any other. */
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
        if (text.length == first || missing < 0 || missing > most || unscaled >= Bytes.power(most - missing)) {
            return null;
        }
        long size = unscaled * Bytes.power(missing);
        return new Decimal().set(negative ? -size : size, type.precision(), type.scale());
    }

    /** Return the entries of a JSON array of texts; plain texts are cut out as they stand. */
    private static GenericArrayData texts(byte[] array) {
        int count = 0;
        for (byte one : array) {
            if (one == '\\') {
                return escapedTexts(array);
            }
            count += one == '"' ? 1 : 0;
        }
        Object[] entries = new Object[count / 2];
        int entry = 0;
        int at = 1;
        while (at < array.length - 1) {
            if (array[at] == '"') {
                int end = at + 1;
                while (array[end] != '"') {
                    end++;
                }
                entries[entry++] = UTF8String.fromBytes(array, at + 1, end - at - 1);
                at = end + 1;
            } else if (array[at] == ',' || array[at] == ' ') {
                at++;
            } else {
                return escapedTexts(array);
            }
        }
        return new GenericArrayData(entries);
    }

    private static GenericArrayData escapedTexts(byte[] array) {
        JsonNode found = tree(array);
        Object[] entries = new Object[found.size()];
        for (int n = 0; n < entries.length; n++) {
            JsonNode entry = found.get(n);
            if (entry.isContainerNode()) {
                return null; // an array of arrays would become an array of their texts
            }
            entries[n] = entry.isNull() ? null : UTF8String.fromString(entry.asText());
        }
        return new GenericArrayData(entries);
    }

    private static GenericArrayData numbers(byte[] array) {
        JsonNode found = tree(array);
        Object[] entries = new Object[found.size()];
        for (int n = 0; n < entries.length; n++) {
            JsonNode entry = found.get(n);
            if (!entry.isNull() && !(entry.isIntegralNumber() && entry.canConvertToLong())) {
                return null;
            }
            entries[n] = entry.isNull() ? null : entry.longValue();
        }
        return new GenericArrayData(entries);
    }

    private static JsonNode tree(byte[] array) {
        try {
            JsonNode found = JSON.readTree(array);
            if (!found.isArray()) {
                throw new IllegalArgumentException("no JSON array");
            }
            return found;
        } catch (IOException error) {
            throw new IllegalArgumentException(new String(array, StandardCharsets.UTF_8), error);
        }
    }

    /** Tell whether a text is what the database calls a document, whose objects have no name twice. */
    private static boolean isDocument(UTF8String text, boolean distinct) {
        if (text.numBytes() > 0 && text.getBytes()[0] == '?') {
            return false;
        }
        if (!distinct) {
            return true;
        }
        try (JsonParser parser = STRICT.createParser(text.getBytes())) {
            while (parser.nextToken() != null) {
                continue;
            }
            return true;
        } catch (IOException error) {
            return false;
        }
    }
}
