package migration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Bytes that DynamoDB charges for an item: a cheap upper bound, and the exact figure.
 *
 * <p>Rules: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
final class ItemSize {
    static final int STRUCTURE_BYTES = 3; // a list or a map, whatever is in it
    private static final int LONGEST_NUMBER_BYTES = 22;
    private static final int LONGEST_TIMESTAMP_BYTES = 28;

    private final RowPlan plan;
    private final int[] nameBytes;
    private final Numbers numbers = new Numbers();
    private final Bytes scratch = new Bytes();

    ItemSize(RowPlan plan) {
        this.plan = plan;
        nameBytes = plan.attributes.stream()
            .mapToInt(attribute -> attribute.name().getBytes(StandardCharsets.UTF_8).length).toArray();
    }

    /** Return how many bytes an attribute's name has. */
    int ofName(int index) {
        return nameBytes[index];
    }

    /** Return an upper bound of a present attribute's value. */
    static long bound(InternalRow row, RowPlan.Attribute attribute) {
        return switch (attribute.kind()) {
            case S -> row.getUTF8String(attribute.index()).numBytes();
            case B -> row.getBinary(attribute.index()).length;
            case BOOL -> 1;
            case N, EPOCH_SECONDS -> LONGEST_NUMBER_BYTES;
            case DATE, TIMESTAMP -> LONGEST_TIMESTAMP_BYTES;
            // `[1]` has three bytes and is charged six, which is the worst: one entry of one digit.
            case DOCUMENT, LIST_DOCUMENT -> 2L * row.getUTF8String(attribute.index()).numBytes();
            case SS, NS, L, NUMBER_LIST -> boundOfEntries(row.getArray(attribute.index()));
        };
    }

    private static long boundOfEntries(ArrayData entries) {
        long size = STRUCTURE_BYTES;
        for (int n = 0; n < entries.numElements(); n++) {
            // A number of one digit is charged two bytes, and an entry one.
            size += 2 + (entries.isNullAt(n) ? 0 : entries.getUTF8String(n).numBytes());
        }
        return size;
    }

    /** Return the bytes that DynamoDB charges for the item of a row without other problems. */
    long exact(InternalRow row) throws IOException {
        long size = 0;
        for (RowPlan.Attribute attribute : plan.attributes) {
            if (ItemWriter.isThere(row, attribute)) {
                size += nameBytes[attribute.index()] + exact(row, attribute);
            }
        }
        return size;
    }

    private long exact(InternalRow row, RowPlan.Attribute attribute) throws IOException {
        int at = attribute.index();
        return switch (attribute.kind()) {
            case DOCUMENT, LIST_DOCUMENT -> Documents.size(row.getUTF8String(at).getBytes(), numbers);
            case SS, NS -> ofSet(row.getArray(at), attribute.kind() == AttributeKind.NS);
            case L, NUMBER_LIST -> ofList(row.getArray(at), attribute.kind() == AttributeKind.NUMBER_LIST);
            case N -> ofNumber(number(row, attribute));
            case EPOCH_SECONDS -> ofNumber(Long.toString(
                attribute.type() == DataTypes.DateType ? Timestamps.secondsOfDate(row.getInt(at))
                    : Timestamps.secondsOfTimestamp(row.getLong(at))));
            case DATE -> {
                Timestamps.appendDate(row.getInt(at), scratch.clear());
                yield scratch.length;
            }
            case TIMESTAMP -> {
                Timestamps.appendTimestamp(row.getLong(at), scratch.clear());
                yield scratch.length;
            }
            default -> bound(row, attribute);
        };
    }

    private static String number(InternalRow row, RowPlan.Attribute attribute) {
        int at = attribute.index();
        DataType type = attribute.type();
        if (type instanceof DecimalType) {
            return row.getDecimal(at, attribute.precision(), attribute.scale()).toJavaBigDecimal().toPlainString();
        }
        if (type == DataTypes.DoubleType) {
            return Numbers.shortest(row.getDouble(at));
        }
        if (type == DataTypes.FloatType) {
            return Numbers.shortest(row.getFloat(at));
        }
        return type == DataTypes.StringType ? row.getUTF8String(at).toString() : Long.toString(row.getLong(at));
    }

    private int ofNumber(String text) {
        numbers.parse(text);
        return numbers.bytes();
    }

    private long ofSet(ArrayData entries, boolean ofNumbers) {
        Set<UTF8String> distinct = new HashSet<>();
        long size = 0;
        for (int n = 0; n < entries.numElements(); n++) {
            UTF8String entry = entries.getUTF8String(n);
            if (distinct.add(entry)) {
                size += ofNumbers ? ofNumber(entry.toString()) : entry.numBytes();
            }
        }
        return size;
    }

    private long ofList(ArrayData entries, boolean ofNumbers) {
        long size = STRUCTURE_BYTES;
        for (int n = 0; n < entries.numElements(); n++) {
            size++;
            if (entries.isNullAt(n)) {
                size++;
            } else {
                UTF8String entry = entries.getUTF8String(n);
                size += ofNumbers ? ofNumber(entry.toString()) : entry.numBytes();
            }
        }
        return size;
    }
}
