package migration;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Reader of an export's line: recognises every attribute and turns it into its canonical text.
 *
 * <p>Format: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
final class ExportReader {
    private static final ObjectMapper JSON =
        new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private final Map<String, RowPlan.Attribute> known = new HashMap<>();
    private final Set<String> located = new HashSet<>();
    final CanonicalValues values;
    /** The line's attributes that the row plan does not name. */
    final Set<String> others = new TreeSet<>();

    ExportReader(RowPlan plan) {
        plan.attributes.forEach(attribute -> known.put(attribute.name(), attribute));
        for (int index : plan.located) {
            located.add(plan.attributes.get(index).name());
        }
        values = new CanonicalValues(plan);
    }

    /** Read a line; return false if it is not an item. */
    boolean read(byte[] line) {
        values.clear();
        others.clear();
        try (JsonParser parser = JSON.createParser(line)) {
            if (!enterItem(parser)) {
                return false;
            }
            int attributes = 0;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                if (parser.nextToken() != JsonToken.START_OBJECT || !attribute(parser, name)) {
                    return false;
                }
                attributes++;
            }
            return attributes > 0 && parser.currentToken() == JsonToken.END_OBJECT
                && parser.nextToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
        } catch (IOException error) {
            return false;
        }
    }

    /** Read a line only as far as its key and time to live; return false if that part is not an item's. */
    @SuppressWarnings("resource") // skipChildren() returns the parser itself
    boolean readKey(byte[] line) {
        values.clear();
        others.clear();
        try (JsonParser parser = JSON.createParser(line)) {
            if (!enterItem(parser)) {
                return false;
            }
            int missing = located.size();
            for (String name = parser.nextFieldName(); name != null && missing > 0; name = parser.nextFieldName()) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    return false;
                }
                if (!located.contains(name)) {
                    parser.skipChildren();
                } else if (attribute(parser, name)) {
                    missing--;
                } else {
                    return false;
                }
            }
            return true;
        } catch (IOException error) {
            return false;
        }
    }

    /** Move the parser into the line's item; return false if the line does not begin with one. */
    private static boolean enterItem(JsonParser parser) throws IOException {
        return parser.nextToken() == JsonToken.START_OBJECT && "Item".equals(parser.nextFieldName())
            && parser.nextToken() == JsonToken.START_OBJECT;
    }

    /** Read an attribute's value; return false if it is not a single typed value. */
    @SuppressWarnings("resource") // skipChildren() returns the parser itself
    private boolean attribute(JsonParser parser, String name) throws IOException {
        RowPlan.Attribute attribute = known.get(name);
        String tag = parser.nextFieldName();
        boolean again = attribute == null ? others.contains(name)
            : values.states[attribute.index()] != CanonicalValues.ABSENT;
        if (tag == null || again) {
            return false;
        }
        parser.nextToken();
        if (attribute == null) {
            others.add(name);
            parser.skipChildren();
        } else {
            values.begin(attribute.index());
            boolean present = value(parser, attribute.kind(), tag);
            values.end(attribute.index(), present);
        }
        return parser.nextToken() == JsonToken.END_OBJECT;
    }

    private boolean value(JsonParser parser, AttributeKind kind, String tag) throws IOException {
        JsonToken token = parser.currentToken();
        if (token.isStructStart()) {
            // Reading the tree consumes the whole value, whatever its type.
            JsonNode value = parser.readValueAsTree();
            return tag.equals(kind.stored) && structure(value, kind);
        }
        if (!tag.equals(kind.stored)) {
            return false;
        }
        if (kind == AttributeKind.BOOL) {
            values.texts.append(parser.getText());
            return token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
        }
        return token == JsonToken.VALUE_STRING && scalar(parser.getText(), kind);
    }

    private boolean scalar(String text, AttributeKind kind) {
        switch (kind) {
            case S, DATE, TIMESTAMP:
                values.texts.append(text);
                return true;
            case N, EPOCH_SECONDS:
                return values.number(text);
            case B:
                try {
                    values.texts.append(Base64.getDecoder().decode(text));
                    return true;
                } catch (IllegalArgumentException error) {
                    return false;
                }
            default:
                return false;
        }
    }

    private boolean structure(JsonNode value, AttributeKind kind) {
        if (kind != AttributeKind.SS && kind != AttributeKind.NS) {
            return values.typed(kind.stored, value);
        }
        List<byte[]> entries = new ArrayList<>(value.size());
        for (JsonNode entry : value) {
            String text = entry.textValue();
            byte[] canonical = text == null ? null
                : kind == AttributeKind.NS ? values.canonical(text) : text.getBytes(StandardCharsets.UTF_8);
            if (canonical == null) {
                return false;
            }
            entries.add(canonical);
        }
        values.set(entries, false);
        return value.isArray();
    }

    /** Return each attribute exactly as the line writes it, like `S:text`, or null. */
    Object[] raw(byte[] line) {
        Object[] raw = new Object[values.plan.attributes.size()];
        try {
            JsonNode item = JSON.readTree(line).path("Item");
            for (RowPlan.Attribute attribute : values.plan.attributes) {
                raw[attribute.index()] = UTF8String.fromString(raw(item.path(attribute.name())));
            }
        } catch (IOException error) {
            Arrays.fill(raw, null);
        }
        return raw;
    }

    private static String raw(JsonNode attribute) {
        if (!attribute.isObject() || attribute.isEmpty()) {
            return null;
        }
        Map.Entry<String, JsonNode> first = attribute.fields().next();
        JsonNode value = first.getValue();
        return first.getKey() + ":" + (value.isValueNode() ? value.asText() : value.toString());
    }
}
