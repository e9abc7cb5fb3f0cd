package migration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;

/** Reads a row of the source as the attributes that its item should have. */
final class SourceReader {
    private static final ObjectMapper JSON =
        new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private final Plan plan;
    final Values values;

    SourceReader(Plan plan) {
        this.plan = plan;
        values = new Values(plan);
    }

    void read(InternalRow row) {
        values.clear();
        for (Plan.Attribute attribute : plan.attributes) {
            if (!row.isNullAt(attribute.index())) {
                values.begin(attribute.index());
                boolean set = attribute.kind() == Kind.SS || attribute.kind() == Kind.NS;
                // DynamoDB has no empty set.
                if (!set || row.getArray(attribute.index()).numElements() > 0) {
                    values.end(attribute.index(), value(row, attribute));
                }
            }
        }
    }

    private boolean value(InternalRow row, Plan.Attribute attribute) {
        int at = attribute.index();
        switch (attribute.kind()) {
            case DATE:
                Moments.appendDate(row.getInt(at), values.texts);
                return true;
            case TIMESTAMP:
                Moments.appendMoment(row.getLong(at), values.texts);
                return true;
            case EPOCH_SECONDS:
                values.texts.append(
                    attribute.type() == DataTypes.DateType ? Moments.secondsOfDate(row.getInt(at))
                        : Moments.secondsOfMoment(row.getLong(at)));
                return true;
            case BOOL:
                values.texts.append(Boolean.toString(row.getBoolean(at)));
                return true;
            case B:
                values.texts.append(row.getBinary(at));
                return true;
            case SS, NS:
                return values.set(entries(row.getArray(at), true), attribute.kind() == Kind.NS);
            case L, NUMBER_LIST:
                return list(entries(row.getArray(at), false), attribute.kind() == Kind.NUMBER_LIST);
            case DOCUMENT, LIST_DOCUMENT:
                return document(row.getUTF8String(at).toString());
            case N:
                return number(row, attribute);
            default:
                values.texts.append(row.getUTF8String(at));
                return true;
        }
    }

    private boolean number(InternalRow row, Plan.Attribute attribute) {
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
            return values.number(value.toJavaBigDecimal().toString());
        }
        long unscaled = value.toUnscaledLong();
        int decimals = scale;
        while (decimals > 0 && unscaled % 10 == 0) {
            unscaled /= 10;
            decimals--;
        }
        if (unscaled < 0) {
            values.texts.append('-');
        }
        long whole = 1;
        for (int power = 0; power < decimals; power++) {
            whole *= 10;
        }
        values.texts.append(Math.abs(unscaled) / whole);
        if (decimals > 0) {
            values.texts.append('.').digits(Math.abs(unscaled) % whole, decimals);
        }
        return true;
    }

    private static List<String> entries(ArrayData array, boolean distinct) {
        List<String> entries = new ArrayList<>(array.numElements());
        for (int n = 0; n < array.numElements(); n++) {
            entries.add(array.isNullAt(n) ? null : array.getUTF8String(n).toString());
        }
        return distinct ? new ArrayList<>(new LinkedHashSet<>(entries)) : entries;
    }

    private boolean list(List<String> entries, boolean ofNumbers) {
        var list = JSON.createArrayNode();
        for (String entry : entries) {
            if (entry == null) {
                list.addObject().put("NULL", true);
            } else {
                list.addObject().put(ofNumbers ? "N" : "S", entry);
            }
        }
        return values.typed(JSON.createObjectNode().set("L", list));
    }

    private boolean document(String text) {
        try {
            return values.plain(JSON.readTree(text));
        } catch (JsonProcessingException error) {
            return false; // its row is rejected
        }
    }
}
