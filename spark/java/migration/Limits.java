package migration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * What no item can be: DynamoDB's limits on keys, values and sizes, and the reason that a row is given.
 *
 * <p>Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
final class Limits {
    private static final int MAX_ITEM_BYTES = 400 * 1024 * 99 / 100;
    private static final int DEEPEST = 32;
    private static final int LONGEST_SHORT_BYTES = 41; // a decimal with its sign and point; a timestamp has 27
    private static final int AROUND = 3; // what an attribute or an entry takes beside its text, at most
    private static final double LARGEST = 9.99e125;
    private static final double SMALLEST = 1e-130;
    private static final JsonFactory JSON =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Plan plan;
    private final Numbers numbers = new Numbers();
    private final Bytes scratch = new Bytes();
    private final int[] named;

    Limits(Plan plan) {
        this.plan = plan;
        named = plan.attributes.stream()
            .mapToInt(attribute -> attribute.name().getBytes(StandardCharsets.UTF_8).length + AROUND).toArray();
    }

    /** Return why a row cannot become an item, or null. */
    String reason(InternalRow row) {
        String reason = ofKeys(row);
        long size = 0;
        for (Plan.Attribute attribute : plan.attributes) {
            size += named[attribute.index()];
            if (reason == null && !row.isNullAt(attribute.index())) {
                reason = ofValue(row, attribute);
            }
            size += size(row, attribute);
        }
        if (reason == null && size > MAX_ITEM_BYTES) {
            return "item larger than " + MAX_ITEM_BYTES + " bytes";
        }
        return reason;
    }

    private String ofKeys(InternalRow row) {
        for (Plan.Limit limit : plan.limits) {
            if (limit.required() && row.isNullAt(limit.index())) {
                return "key attribute " + plan.attributes.get(limit.index()).name() + " is null";
            }
        }
        for (Plan.Limit limit : plan.limits) {
            if (limit.maxBytes() > 0 && !row.isNullAt(limit.index())) {
                String name = plan.attributes.get(limit.index()).name();
                int bytes = bytes(row, plan.attributes.get(limit.index()));
                if (bytes == 0) {
                    return "key attribute " + name + " is empty";
                }
                if (bytes > limit.maxBytes()) {
                    return "key attribute " + name + " is longer than " + limit.maxBytes() + " bytes";
                }
            }
        }
        return null;
    }

    private static int bytes(InternalRow row, Plan.Attribute attribute) {
        if (attribute.type() == DataTypes.BinaryType) {
            return row.getBinary(attribute.index()).length;
        }
        return attribute.type() == DataTypes.StringType ? row.getUTF8String(attribute.index()).numBytes()
            : LONGEST_SHORT_BYTES;
    }

    /** Return an attribute's size, from above. */
    private static long size(InternalRow row, Plan.Attribute attribute) {
        if (row.isNullAt(attribute.index())) {
            return 0;
        }
        if (!(attribute.type() instanceof ArrayType)) {
            return bytes(row, attribute);
        }
        ArrayData entries = row.getArray(attribute.index());
        long size = 0;
        for (int n = 0; n < entries.numElements(); n++) {
            size += AROUND + 1 + (entries.isNullAt(n) ? 0 : entries.getUTF8String(n).numBytes());
        }
        return size;
    }

    private String ofValue(InternalRow row, Plan.Attribute attribute) {
        return switch (attribute.kind()) {
            case N -> ofNumber(row, attribute);
            case SS, NS -> ofSet(row.getArray(attribute.index()), attribute);
            case DOCUMENT, LIST_DOCUMENT -> ofDocument(row.getUTF8String(attribute.index()).getBytes(), attribute);
            default -> null;
        };
    }

    private String ofNumber(InternalRow row, Plan.Attribute attribute) {
        boolean held = true;
        if (attribute.type() == DataTypes.DoubleType) {
            held = isHeld(row.getDouble(attribute.index()));
        } else if (attribute.type() == DataTypes.FloatType) {
            held = isHeld(row.getFloat(attribute.index()));
        } else if (attribute.type() == DataTypes.StringType) {
            held = isHeld(row.getUTF8String(attribute.index()).toString());
        }
        return held ? null : attribute.name() + " is no number that DynamoDB holds";
    }

    private static boolean isHeld(double value) {
        double size = Math.abs(value);
        return size <= LARGEST && (size >= SMALLEST || size == 0);
    }

    private boolean isHeld(String text) {
        return numbers.parse(text) && numbers.isUsual() && numbers.isHeld();
    }

    private String ofSet(ArrayData entries, Plan.Attribute attribute) {
        Set<UTF8String> written = new HashSet<>();
        Set<UTF8String> meant = new HashSet<>();
        for (int n = 0; n < entries.numElements(); n++) {
            if (entries.isNullAt(n)) {
                return attribute.name() + " has a null in its set";
            }
            if (attribute.kind() == Kind.NS) {
                if (!isHeld(entries.getUTF8String(n).toString())) {
                    return attribute.name() + " has a number in its set that DynamoDB does not hold";
                }
                written.add(entries.getUTF8String(n));
                numbers.appendTo(scratch.clear());
                meant.add(scratch.text());
            }
        }
        // 1 and 1.0 are one number, which no set holds twice.
        return meant.size() == written.size() ? null : attribute.name() + " has a number in its set in two writings";
    }

    private String ofDocument(byte[] text, Plan.Attribute attribute) {
        boolean object = attribute.kind() == Kind.DOCUMENT;
        String no = attribute.name() + " is no JSON " + (object ? "object" : "array");
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() != (object ? JsonToken.START_OBJECT : JsonToken.START_ARRAY)) {
                return no;
            }
            String problem = ofTokens(parser);
            if (problem != null) {
                return attribute.name() + problem;
            }
            return parser.nextToken() == null ? null : no;
        } catch (IOException error) {
            return error.getMessage().startsWith("Duplicate field") ? attribute.name() + " has a name twice" : no;
        }
    }

    /** Return what is wrong within a document whose first bracket is read. */
    private String ofTokens(JsonParser parser) throws IOException {
        String problem = null;
        for (int depth = 1; depth > 0;) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                throw new IOException("the document ends too early");
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (problem == null && depth > DEEPEST) {
                problem = " is nested deeper than " + DEEPEST;
            } else if (problem == null && token == JsonToken.FIELD_NAME && parser.currentName().isEmpty()) {
                problem = " has an empty name";
            } else if (problem == null && token.isNumeric() && !isHeld(parser.getText())) {
                problem = " has a number that DynamoDB does not hold";
            }
        }
        return problem;
    }
}
