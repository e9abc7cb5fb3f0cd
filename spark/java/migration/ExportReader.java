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
 * Reads a line of an export and recognises every attribute of it.
 *
 * <p>Format: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
final class ExportReader {
    private static final ObjectMapper JSON =
        new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private final Map<String, Plan.Attribute> known = new HashMap<>();
    private final Set<String> located = new HashSet<>();
    final Values values;
    /** The line's attributes that no source has. */
    final Set<String> others = new TreeSet<>();

    ExportReader(Plan plan) {
        plan.attributes.forEach(attribute -> known.put(attribute.name(), attribute));
        for (int index : plan.located) {
            located.add(plan.attributes.get(index).name());
        }
        values = new Values(plan);
    }

    /** Read a line; return false if it is no item. */
    boolean read(byte[] line) {
        values.clear();
        others.clear();
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT || !"Item".equals(parser.nextFieldName())
                || parser.nextToken() != JsonToken.START_OBJECT) {
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

    /** Read no more of a line than its key and time to live need; return false if it is no item so far. */
    @SuppressWarnings("resource") // skipChildren() returns the parser itself
    boolean readKey(byte[] line) {
        values.clear();
        others.clear();
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT || !"Item".equals(parser.nextFieldName())
                || parser.nextToken() != JsonToken.START_OBJECT) {
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

    /** Read what stands after an attribute's name; return false if it is not one value with its type. */
    @SuppressWarnings("resource") // skipChildren() returns the parser itself
    private boolean attribute(JsonParser parser, String name) throws IOException {
        Plan.Attribute attribute = known.get(name);
        String tag = parser.nextFieldName();
        boolean again = attribute == null ? others.contains(name) : values.states[attribute.index()] != Values.ABSENT;
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

    private boolean value(JsonParser parser, Kind kind, String tag) throws IOException {
        JsonToken token = parser.currentToken();
        if (token.isStructStart()) {
            // The tree takes the value off the line whole, whatever it is.
            JsonNode value = parser.readValueAsTree();
            return tag.equals(kind.stored) && structure(value, kind);
        }
        if (!tag.equals(kind.stored)) {
            return false;
        }
        if (kind == Kind.BOOL) {
            values.texts.append(parser.getText());
            return token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
        }
        return token == JsonToken.VALUE_STRING && scalar(parser.getText(), kind);
    }

    private boolean scalar(String text, Kind kind) {
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

    private boolean structure(JsonNode value, Kind kind) {
        if (kind != Kind.SS && kind != Kind.NS) {
            return values.typed(kind.stored, value);
        }
        List<byte[]> entries = new ArrayList<>(value.size());
        for (JsonNode entry : value) {
            String text = entry.textValue();
            byte[] told = text == null ? null
                : kind == Kind.NS ? values.canonical(text) : text.getBytes(StandardCharsets.UTF_8);
            if (told == null) {
                return false;
            }
            entries.add(told);
        }
        values.set(entries, false);
        return value.isArray();
    }

    /** Return what a line says of each attribute, as it says it: `S:text`, or null. */
    Object[] raw(byte[] line) {
        Object[] raw = new Object[values.plan.attributes.size()];
        try {
            JsonNode item = JSON.readTree(line).path("Item");
            for (Plan.Attribute attribute : values.plan.attributes) {
                raw[attribute.index()] = UTF8String.fromString(raw(item.path(attribute.name())));
            }
        } catch (IOException error) {
            Arrays.fill(raw, null);
        }
        return raw;
    }

    private static String raw(JsonNode found) {
        if (!found.isObject() || found.isEmpty()) {
            return null;
        }
        Map.Entry<String, JsonNode> first = found.fields().next();
        JsonNode value = first.getValue();
        return first.getKey() + ":" + (value.isValueNode() ? value.asText() : value.toString());
    }
}
