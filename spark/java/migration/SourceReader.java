package migration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.types.UTF8String;

/** Reader of a source row as the attributes that its item should have. */
final class SourceReader {
    // Bootstrap rejects deeper documents, which would overflow the stack here.
    private static final StreamReadConstraints LONG_VALUES = StreamReadConstraints.builder()
        .maxNumberLength(Integer.MAX_VALUE).maxStringLength(Integer.MAX_VALUE).build();
    private static final ObjectMapper JSON =
        new ObjectMapper(JsonFactory.builder().streamReadConstraints(LONG_VALUES).build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private static final int LONG_DIGITS = 19;

    private final RowPlan plan;
    final CanonicalValues values;

    SourceReader(RowPlan plan) {
        this.plan = plan;
        values = new CanonicalValues(plan);
    }

    void read(InternalRow row) {
        values.clear();
        for (RowPlan.Attribute attribute : plan.attributes) {
            read(row, attribute);
        }
    }

    /** Read only the key and the time to live. */
    void readKey(InternalRow row) {
        values.clear();
        for (int n = 0; n < plan.located.length; n++) {
            read(row, plan.attributes.get(plan.located[n]));
        }
    }

    private void read(InternalRow row, RowPlan.Attribute attribute) {
        if (!row.isNullAt(attribute.index())) {
            values.begin(attribute.index());
            boolean set = attribute.kind() == AttributeKind.SS || attribute.kind() == AttributeKind.NS;
            // DynamoDB has no empty set.
            if (!set || row.getArray(attribute.index()).numElements() > 0) {
                values.end(attribute.index(), value(row, attribute));
            }
        }
    }

    private boolean value(InternalRow row, RowPlan.Attribute attribute) {
        int at = attribute.index();
        switch (attribute.kind()) {
            case DATE:
                Timestamps.appendDate(row.getInt(at), values.texts);
                return true;
            case TIMESTAMP:
                Timestamps.appendTimestamp(row.getLong(at), values.texts);
                return true;
            case EPOCH_SECONDS:
                values.texts.append(
                    attribute.type() == DataTypes.DateType ? Timestamps.secondsOfDate(row.getInt(at))
                        : Timestamps.secondsOfTimestamp(row.getLong(at)));
                return true;
            case BOOL:
                values.texts.append(Boolean.toString(row.getBoolean(at)));
                return true;
            case B:
                values.texts.append(row.getBinary(at));
                return true;
            case SS, NS:
                return set(row.getArray(at), attribute.kind() == AttributeKind.NS);
            case L, NUMBER_LIST:
                return list(row.getArray(at), attribute.kind() == AttributeKind.NUMBER_LIST);
            case DOCUMENT, LIST_DOCUMENT:
                return document(row.getUTF8String(at).toString());
            case N:
                return number(row, attribute);
            default:
                values.texts.append(row.getUTF8String(at));
                return true;
        }
    }

    private boolean number(InternalRow row, RowPlan.Attribute attribute) {
        int at = attribute.index();
        DataType type = attribute.type();
        if (type instanceof DecimalType) {
            return decimal(row.getDecimal(at, attribute.precision(), attribute.scale()), attribute.scale());
        }
        if (type == DataTypes.DoubleType) {
            return values.number(Numbers.shortest(row.getDouble(at)));
        }
        if (type == DataTypes.FloatType) {
            return values.number(Numbers.shortest(row.getFloat(at)));
        }
        if (type == DataTypes.StringType) {
            return values.number(row.getUTF8String(at).toString());
        }
        values.texts.append(row.getLong(at));
        return true;
    }

    private boolean decimal(Decimal value, int scale) {
        if (value.precision() > Decimal.MAX_LONG_DIGITS()) {
            BigInteger unscaled = value.toJavaBigDecimal().unscaledValue();
            // The least long counts as too long: it has no opposite.
            if (unscaled.abs().bitLength() >= Long.SIZE) {
                longDecimal(unscaled.abs().toString(), unscaled.signum(), scale);
            } else {
                shortDecimal(unscaled.longValue(), scale);
            }
        } else {
            shortDecimal(value.toUnscaledLong(), scale);
        }
        return true;
    }

    private void shortDecimal(long unscaled, int scale) {
        long rest = unscaled;
        int decimals = scale;
        while (decimals > 0 && rest % 10 == 0) {
            rest /= 10;
            decimals--;
        }
        if (rest < 0) {
            values.texts.append('-');
        }
        long size = Math.abs(rest);
        if (decimals >= LONG_DIGITS) {
            values.texts.append('0').append('.').digits(0, decimals - LONG_DIGITS).digits(size, LONG_DIGITS);
        } else {
            long whole = Bytes.power(decimals);
            values.texts.append(size / whole);
            if (decimals > 0) {
                values.texts.append('.').digits(size % whole, decimals);
            }
        }
    }

    /** Append a number with more digits than a long holds. */
    private void longDecimal(String digits, int sign, int scale) {
        int end = digits.length();
        int point = end - scale;
        while (end > Math.max(point, 0) && digits.charAt(end - 1) == '0') {
            end--;
        }
        if (sign < 0) {
            values.texts.append('-');
        }
        if (point <= 0) {
            values.texts.append('0').append('.').digits(0, -point);
        }
        for (int at = 0; at < end; at++) {
            if (at == point && at > 0) {
                values.texts.append('.');
            }
            values.texts.append(digits.charAt(at));
        }
    }

    /** Append a set; append nothing for an empty set, which DynamoDB does not have. */
    private boolean set(ArrayData array, boolean ofNumbers) {
        List<byte[]> entries = new ArrayList<>(array.numElements());
        for (int n = 0; n < array.numElements(); n++) {
            if (array.isNullAt(n)) {
                return false;
            }
            UTF8String entry = array.getUTF8String(n);
            byte[] canonical = ofNumbers ? values.canonical(entry.toString()) : entry.getBytes();
            if (canonical == null) {
                return false;
            }
            entries.add(canonical);
        }
        values.set(entries, true);
        return true;
    }

    private boolean list(ArrayData array, boolean ofNumbers) {
        ArrayNode list = JSON.createArrayNode();
        for (int n = 0; n < array.numElements(); n++) {
            if (array.isNullAt(n)) {
                list.addObject().put("NULL", true);
            } else {
                list.addObject().put(ofNumbers ? "N" : "S", array.getUTF8String(n).toString());
            }
        }
        return values.typed("L", list);
    }

    private boolean document(String text) {
        try {
            return values.plain(JSON.readTree(text));
        } catch (JsonProcessingException | NumberFormatException | ArithmeticException error) {
            return false; // Bootstrap rejects its row: the parser has no number for 1e99999999999
        }
    }
}
