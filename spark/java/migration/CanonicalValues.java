package migration;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Canonical texts of an item's attributes: equal texts mean equal attributes.
 *
 * <p>A number is digits with a point, a set has its entries in order, a document its names in order. This shares only
 * dates and the shortest text of a float with the writer of items.
 */
final class CanonicalValues {
    /** State of an attribute; an odd attribute holds no value of its kind. */
    static final byte ABSENT = 0;
    static final byte PRESENT = 1;
    static final byte ODD = 2;

    final RowPlan plan;
    final Bytes texts = new Bytes();
    final byte[] states;
    final int[] ends;
    private final Numbers numbers = new Numbers();

    CanonicalValues(RowPlan plan) {
        this.plan = plan;
        states = new byte[plan.attributes.size()];
        ends = new int[2 * states.length];
    }

    void clear() {
        texts.clear();
        Arrays.fill(states, ABSENT);
    }

    /** Begin an attribute's text. */
    void begin(int index) {
        ends[2 * index] = texts.length;
    }

    /** End an attribute's text. */
    void end(int index, boolean present) {
        states[index] = present ? PRESENT : ODD;
        ends[2 * index + 1] = texts.length;
    }

    /** Return the length of an attribute's text; 0 if it has no value of its kind. */
    int length(int index) {
        return states[index] == PRESENT ? ends[2 * index + 1] - ends[2 * index] : 0;
    }

    /** Return an attribute's text, or null if it has no value of its kind. */
    String text(int index) {
        if (states[index] != PRESENT) {
            return null;
        }
        int from = ends[2 * index];
        return new String(texts.data, from, ends[2 * index + 1] - from, StandardCharsets.UTF_8);
    }

    /** Return every attribute's text, null without a value of its kind; bytes are hexadecimal. */
    ArrayData asTexts() {
        Object[] attributeTexts = new Object[states.length];
        for (RowPlan.Attribute attribute : plan.attributes) {
            int at = attribute.index();
            if (states[at] == PRESENT) {
                attributeTexts[at] = attribute.kind() == AttributeKind.B ? UTF8String.fromString(hexadecimal(at))
                    : UTF8String.fromBytes(texts.copy(ends[2 * at], ends[2 * at + 1]));
            }
        }
        return new GenericArrayData(attributeTexts);
    }

    private String hexadecimal(int index) {
        return HexFormat.of().withUpperCase().formatHex(texts.data, ends[2 * index], ends[2 * index + 1]);
    }

    /** Append a number; return false if the text is not a number. */
    boolean number(CharSequence text) {
        return numbers.parse(text) && numbers.appendTo(texts);
    }

    /** Append a set of texts in order; a `distinct` set leaves out repeated texts. */
    void set(List<byte[]> entries, boolean distinct) {
        entries.sort(Arrays::compareUnsigned);
        texts.append('[');
        byte[] before = null;
        for (byte[] entry : entries) {
            if (!distinct || !Arrays.equals(entry, before)) {
                if (before != null) {
                    texts.append(',');
                }
                quoted(entry);
                before = entry;
            }
        }
        texts.append(']');
    }

    /** Return a number's canonical text, or null if the text is not a number. */
    byte[] canonical(String number) {
        int from = texts.length;
        byte[] canonical = number(number) ? texts.copy(from, texts.length) : null;
        texts.length = from;
        return canonical;
    }

    /** Append a value of DynamoDB JSON, like {"S": "x"}; return false if it is not a value. */
    boolean typed(JsonNode node) {
        if (!node.isObject() || node.size() != 1) {
            return false;
        }
        String tag = node.fieldNames().next();
        return typed(tag, node.get(tag));
    }

    /** Append the value of a type; return false if it is not a value of the type. */
    boolean typed(String tag, JsonNode value) {
        switch (tag) {
            case "M":
                return value.isObject() && map(value, true);
            case "L":
                return value.isArray() && list(value, true);
            case "S":
                return value.isTextual() && tagged("S", value.textValue());
            case "N":
                texts.append('N').append(':');
                return value.isTextual() && number(value.textValue());
            case "BOOL":
                return value.isBoolean() && tagged("BOOL", value.asText());
            case "NULL":
                return value.isBoolean() && value.booleanValue() && tagged("NULL", "true");
            default:
                return false; // documents of a database have neither binary values nor sets
        }
    }

    /** Append a value of plain JSON in the same notation. */
    boolean plain(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> map(value, false);
            case ARRAY -> list(value, false);
            case STRING -> tagged("S", value.textValue());
            case BOOLEAN -> tagged("BOOL", value.asText());
            case NULL -> tagged("NULL", "true");
            default -> {
                texts.append('N').append(':');
                yield number(value.decimalValue().toString());
            }
        };
    }

    private boolean map(JsonNode value, boolean typed) {
        Map<String, JsonNode> sorted = new TreeMap<>();
        value.fields().forEachRemaining(field -> sorted.put(field.getKey(), field.getValue()));
        char before = '{';
        for (Map.Entry<String, JsonNode> field : sorted.entrySet()) {
            texts.append(before);
            quoted(field.getKey());
            texts.append(':');
            if (!(typed ? typed(field.getValue()) : plain(field.getValue()))) {
                return false;
            }
            before = ',';
        }
        if (sorted.isEmpty()) {
            texts.append('{');
        }
        texts.append('}');
        return true;
    }

    private boolean list(JsonNode value, boolean typed) {
        texts.append('[');
        for (int n = 0; n < value.size(); n++) {
            if (n > 0) {
                texts.append(',');
            }
            if (!(typed ? typed(value.get(n)) : plain(value.get(n)))) {
                return false;
            }
        }
        texts.append(']');
        return true;
    }

    private boolean tagged(String tag, String text) {
        texts.append(tag).append(':');
        quoted(text);
        return true;
    }

    private void quoted(String text) {
        quoted(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Append a text between quotes, with its quotes and backslashes escaped. */
    private void quoted(byte[] text) {
        texts.append('"');
        int done = 0;
        for (int at = 0; at < text.length; at++) {
            if (text[at] == '"' || text[at] == '\\') {
                texts.append(text, done, at).append('\\');
                done = at;
            }
        }
        texts.append(text, done, text.length).append('"');
    }
}
