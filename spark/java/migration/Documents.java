package migration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** JSON documents: their validity, the parts that no item can hold, and the bytes that DynamoDB charges. */
final class Documents {
    static final int MAX_NAME_BYTES = 65_535;
    // DynamoDB's limits apply, not the parser's.
    private static final StreamReadConstraints UNLIMITED = StreamReadConstraints.builder()
        .maxNestingDepth(Integer.MAX_VALUE).maxNumberLength(Integer.MAX_VALUE).maxStringLength(Integer.MAX_VALUE)
        .build();
    private static final int MAX_LEVELS = 32; // the attribute itself is the first
    private static final int MOST_BYTES_OF_A_CHAR = 3;
    private static final int ESCAPE_LENGTH = 6; // of a backslash, a u and four digits
    private static final JsonFactory JSON = JsonFactory.builder().streamReadConstraints(UNLIMITED).build();
    private static final JsonFactory STRICT = JsonFactory.builder().streamReadConstraints(UNLIMITED)
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private Documents() {
    }

    /** Return whether a text is a single JSON value of any kind; names may repeat. */
    static boolean isJson(byte[] text) {
        try (JsonParser parser = parser(JSON, text)) {
            int depth = 0;
            int values = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                values += depth == 0 ? 1 : 0;
            }
            return values == 1;
        } catch (IOException error) {
            return false;
        }
    }

    /** Return a document's problem, worded to follow its attribute's name, or null. */
    static String problem(byte[] text, boolean object, Numbers numbers) {
        String no = " is not a JSON " + (object ? "object" : "array");
        try (JsonParser parser = parser(STRICT, text)) {
            if (parser.nextToken() != (object ? JsonToken.START_OBJECT : JsonToken.START_ARRAY)) {
                return no;
            }
            String problem = problemOfTokens(parser, numbers);
            if (problem == null && hasHalfPair(text)) {
                problem = " has half a surrogate pair";
            }
            return parser.nextToken() == null ? problem : no;
        } catch (IOException error) {
            return error.getMessage().startsWith("Duplicate field") ? " has a name twice" : no;
        }
    }

    /** Return the first problem within a document whose opening bracket is read, or null. */
    private static String problemOfTokens(JsonParser parser, Numbers numbers) throws IOException {
        String problem = null;
        for (int depth = 1; depth > 0;) {
            JsonToken token = next(parser);
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (problem == null && depth + (token.isScalarValue() ? 1 : 0) > MAX_LEVELS) {
                problem = " is nested deeper than " + MAX_LEVELS;
            } else if (problem == null && token == JsonToken.FIELD_NAME) {
                problem = problemOfName(parser.currentName());
            } else if (problem == null && token.isNumeric() && !numbers.isHeld(parser.getText())) {
                problem = " has a number that DynamoDB cannot hold";
            }
        }
        return problem;
    }

    private static String problemOfName(String name) {
        if (name.isEmpty()) {
            return " has an empty name";
        }
        return name.length() > MAX_NAME_BYTES / MOST_BYTES_OF_A_CHAR && bytes(name) > MAX_NAME_BYTES
            ? " has a name longer than " + MAX_NAME_BYTES + " bytes"
            : null;
    }

    /** Return the bytes that DynamoDB charges for a document without problems. */
    static long size(byte[] text, Numbers numbers) throws IOException {
        long size = 0;
        try (JsonParser parser = parser(JSON, text)) {
            parser.nextToken();
            size += ItemSize.STRUCTURE_BYTES;
            for (int depth = 1; depth > 0;) {
                JsonToken token = next(parser);
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (token == JsonToken.FIELD_NAME) {
                    size += bytes(parser.currentName());
                } else if (!token.isStructEnd()) {
                    size += 1 + sizeOfValue(parser, token, numbers); // each entry of a list or map is charged a byte
                }
            }
        }
        return size;
    }

    private static int sizeOfValue(JsonParser parser, JsonToken token, Numbers numbers) throws IOException {
        if (token.isStructStart()) {
            return ItemSize.STRUCTURE_BYTES;
        }
        if (token.isNumeric()) {
            numbers.parse(parser.getText());
            return numbers.bytes();
        }
        return token == JsonToken.VALUE_STRING ? bytes(parser.getText()) : 1;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static JsonToken next(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new IOException("the document ends too early");
        }
        return token;
    }

    private static JsonParser parser(JsonFactory factory, byte[] text) throws IOException {
        // The parser would accept a byte order mark and guess other encodings by their zeros.
        if (text.length > 0 && (text[0] <= 0 || (text.length > 1 && text[1] == 0))) {
            throw new IOException("the text begins with what no JSON does");
        }
        return factory.createParser(text);
    }

    /** Return whether an escape in a JSON text is half a surrogate pair, which is not a character. */
    private static boolean hasHalfPair(byte[] text) {
        for (int at = 0; at < text.length; at++) {
            if (text[at] == '\\') {
                int unit = escaped(text, at);
                at += unit < 0 ? 1 : ESCAPE_LENGTH - 1;
                if (unit >= 0 && Character.isHighSurrogate((char) unit)
                    && Character.isLowSurrogate((char) Math.max(0, escaped(text, at + 1)))) {
                    at += ESCAPE_LENGTH;
                } else if (unit >= 0 && Character.isSurrogate((char) unit)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Return the code unit of the escape with four digits at a position, or -1 if there is none. */
    private static int escaped(byte[] text, int at) {
        if (at + ESCAPE_LENGTH > text.length || text[at] != '\\' || text[at + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int digit = at + 2; digit < at + ESCAPE_LENGTH; digit++) {
            unit = unit << 4 | Character.digit(text[digit], 16);
        }
        return unit;
    }
}
