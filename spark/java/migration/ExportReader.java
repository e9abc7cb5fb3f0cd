package migration;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Reads a line of an export and recognises every attribute of it.
 *
 * <p>Format: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
final class ExportReader {
    private static final ObjectMapper JSON =
        JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Map<String, Plan.Attribute> known = new HashMap<>();
    final Values values;
    /** How many attributes the line has that no source has. */
    int unknown;

    ExportReader(Plan plan) {
        plan.attributes.forEach(attribute -> known.put(attribute.name(), attribute));
        values = new Values(plan);
    }

    /** Read a line; return false if it is no item. */
    boolean read(byte[] line) {
        values.clear();
        unknown = 0;
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT || !"Item".equals(parser.nextFieldName())
                || parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            int attributes = 0;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                if (parser.nextToken() != JsonToken.START_OBJECT || !attribute(parser, known.get(name))) {
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

    /** Read what stands after an attribute's name; return false if it is not one value with its type. */
    @SuppressWarnings("resource") // skipChildren() returns the parser itself
    private boolean attribute(JsonParser parser, Plan.Attribute attribute) throws IOException {
        String tag = parser.nextFieldName();
        if (tag == null) {
            return false;
        }
        parser.nextToken();
        if (attribute == null) {
            unknown++;
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
            return values.typed(JSON.createObjectNode().set(kind.stored, value));
        }
        List<String> entries = new ArrayList<>(value.size());
        value.forEach(entry -> entries.add(entry.textValue()));
        return value.isArray() && values.set(entries, kind == Kind.NS);
    }

    /** Return what a line says of an attribute, as it says it: `S:text`, or null. */
    static String raw(byte[] line, String name) {
        try {
            JsonNode found = JSON.readTree(line).path("Item").path(name);
            if (!found.isObject() || found.isEmpty()) {
                return null;
            }
            Map.Entry<String, JsonNode> first = found.fields().next();
            JsonNode value = first.getValue();
            return first.getKey() + ":" + (value.isValueNode() ? value.asText() : value.toString());
        } catch (IOException error) {
            return null;
        }
    }

    /** Return the names of a line's attributes that no source has. */
    String unknownNames(byte[] line) {
        TreeSet<String> names = new TreeSet<>();
        try {
            JSON.readTree(line).path("Item").fieldNames().forEachRemaining(names::add);
        } catch (IOException error) {
            return "";
        }
        known.keySet().forEach(names::remove);
        return String.join(",", names);
    }
}
