package migration;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Writer of a row as a line of DynamoDB JSON; leaves out an attribute whose value is null.
 *
 * <p>Format: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html
 */
final class ItemWriter {
    private static final byte[] START = Bytes.ascii("{\"Item\":{");
    private static final byte[] END = Bytes.ascii("}}");
    private static final byte[] NULL_ENTRY = Bytes.ascii("{\"NULL\":true}");
    private static final byte[] TRUE = Bytes.ascii("true");
    private static final byte[] FALSE = Bytes.ascii("false");
    private static final byte[] ESCAPED = Bytes.ascii("\\u00");
    private static final byte[] HEXADECIMAL = Bytes.ascii("0123456789abcdef");

    private final RowPlan plan;
    private final byte[][] openings;
    private final Bytes out = new Bytes();
    private final DocumentWriter documents = new DocumentWriter(out);

    ItemWriter(RowPlan plan) {
        this.plan = plan;
        openings = plan.attributes.stream().map(ItemWriter::opening).toArray(byte[][]::new);
    }

    private static byte[] opening(RowPlan.Attribute attribute) {
        Bytes opening = new Bytes();
        escape(attribute.name().getBytes(StandardCharsets.UTF_8), opening.append('"'));
        opening.append('"').append(':');
        if (!attribute.kind().isDocument()) {
            opening.append("{\"" + attribute.kind().stored + "\":");
        }
        return opening.copy(0, opening.length);
    }

    UTF8String write(InternalRow row) {
        out.clear().append(START);
        boolean first = true;
        for (RowPlan.Attribute attribute : plan.attributes) {
            if (isThere(row, attribute)) {
                if (!first) {
                    out.append(',');
                }
                first = false;
                out.append(openings[attribute.index()]);
                value(row, attribute);
            }
        }
        return out.append(END).text();
    }

    /** Return whether the item has the attribute; DynamoDB has no empty set. */
    static boolean isThere(InternalRow row, RowPlan.Attribute attribute) {
        boolean set = attribute.kind() == AttributeKind.SS || attribute.kind() == AttributeKind.NS;
        return !row.isNullAt(attribute.index()) && !(set && row.getArray(attribute.index()).numElements() == 0);
    }

    private void value(InternalRow row, RowPlan.Attribute attribute) {
        int at = attribute.index();
        switch (attribute.kind()) {
            case BOOL -> out.append(row.getBoolean(at) ? TRUE : FALSE);
            case SS, NS -> set(row.getArray(at));
            case L, NUMBER_LIST -> list(row.getArray(at), attribute.kind() == AttributeKind.L ? 'S' : 'N');
            case DOCUMENT, LIST_DOCUMENT -> documents.write(row.getUTF8String(at).getBytes());
            default -> {
                out.append('"');
                scalar(row, attribute);
                out.append('"');
            }
        }
        if (!attribute.kind().isDocument()) {
            out.append('}');
        }
    }

    private void scalar(InternalRow row, RowPlan.Attribute attribute) {
        int at = attribute.index();
        DataType type = attribute.type();
        switch (attribute.kind()) {
            case DATE -> Timestamps.appendDate(row.getInt(at), out);
            case TIMESTAMP -> Timestamps.appendTimestamp(row.getLong(at), out);
            case EPOCH_SECONDS -> out.append(
                type == DataTypes.DateType ? Timestamps.secondsOfDate(row.getInt(at))
                    : Timestamps.secondsOfTimestamp(row.getLong(at)));
            case B -> out.append(Base64.getEncoder().encode(row.getBinary(at)));
            default -> {
                if (type == DataTypes.StringType) {
                    escape(row.getUTF8String(at).getBytes(), out);
                } else {
                    number(row, attribute);
                }
            }
        }
    }

    private void number(InternalRow row, RowPlan.Attribute attribute) {
        int at = attribute.index();
        DataType type = attribute.type();
        if (type instanceof DecimalType) {
            decimal(row.getDecimal(at, attribute.precision(), attribute.scale()), attribute.scale());
        } else if (type == DataTypes.DoubleType) {
            out.append(Numbers.shortest(row.getDouble(at)));
        } else if (type == DataTypes.FloatType) {
            out.append(Numbers.shortest(row.getFloat(at)));
        } else {
            out.append(row.getLong(at));
        }
    }

    private void decimal(Decimal value, int scale) {
        if (value.precision() <= Decimal.MAX_LONG_DIGITS()) {
            decimal(value.toUnscaledLong(), scale);
            return;
        }
        BigInteger unscaled = value.toJavaBigDecimal().unscaledValue();
        // Not the least long, which has no opposite.
        if (scale < Decimal.MAX_LONG_DIGITS() && unscaled.abs().bitLength() < Long.SIZE) {
            decimal(unscaled.longValue(), scale);
            return;
        }
        byte[] digits = Bytes.ascii(unscaled.abs().toString());
        int point = digits.length - scale;
        if (unscaled.signum() < 0) {
            out.append('-');
        }
        if (point > 0) {
            out.append(digits, 0, point);
        } else {
            out.append('0');
        }
        if (scale > 0) {
            out.append('.').digits(0, Math.max(0, -point)).append(digits, Math.max(0, point), digits.length);
        }
    }

    private void decimal(long unscaled, int scale) {
        if (unscaled < 0) {
            out.append('-');
        }
        long size = Math.abs(unscaled);
        long whole = Bytes.power(scale);
        out.append(size / whole);
        if (scale > 0) {
            out.append('.').digits(size % whole, scale);
        }
    }

    private void set(ArrayData entries) {
        TreeSet<UTF8String> distinct = new TreeSet<>();
        for (int n = 0; n < entries.numElements(); n++) {
            if (!entries.isNullAt(n)) {
                distinct.add(entries.getUTF8String(n));
            }
        }
        out.append('[');
        boolean first = true;
        for (UTF8String entry : distinct) {
            if (!first) {
                out.append(',');
            }
            first = false;
            escape(entry.getBytes(), out.append('"'));
            out.append('"');
        }
        out.append(']');
    }

    private void list(ArrayData entries, char tag) {
        out.append('[');
        for (int n = 0; n < entries.numElements(); n++) {
            if (n > 0) {
                out.append(',');
            }
            if (entries.isNullAt(n)) {
                out.append(NULL_ENTRY);
            } else {
                out.append('{').append('"').append(tag).append('"').append(':').append('"');
                escape(entries.getUTF8String(n).getBytes(), out);
                out.append('"').append('}');
            }
        }
        out.append(']');
    }

    private static void escape(byte[] text, Bytes out) {
        int done = 0;
        for (int at = 0; at < text.length; at++) {
            byte character = text[at];
            // Bytes of UTF-8 above 0x7f are negative here and need no escape.
            if (character == '"' || character == '\\' || (character >= 0 && character < ' ')) {
                out.append(text, done, at);
                done = at + 1;
                if (character == '"' || character == '\\') {
                    out.append('\\').append(character);
                } else {
                    out.append(ESCAPED).append(HEXADECIMAL[character >> 4]).append(HEXADECIMAL[character & 15]);
                }
            }
        }
        out.append(text, done, text.length);
    }
}
