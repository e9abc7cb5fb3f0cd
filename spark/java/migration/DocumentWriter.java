package migration;

/**
 * Writer of a JSON document as DynamoDB's M or L, token by token; strings and digits stay as they are.
 *
 * <p>Invalid JSON gives invalid output; {@link Limits} rejects its row.
 */
final class DocumentWriter {
    private static final byte[] STRING = Bytes.ascii("{\"S\":");
    private static final byte[] NUMBER = Bytes.ascii("{\"N\":\"");
    private static final byte[] BOOLEAN = Bytes.ascii("{\"BOOL\":");
    private static final byte[] MAP = Bytes.ascii("{\"M\":{");
    private static final byte[] LIST = Bytes.ascii("{\"L\":[");
    private static final byte[] NULL = Bytes.ascii("{\"NULL\":true}");

    private final Bytes out;

    DocumentWriter(Bytes out) {
        this.out = out;
    }

    void write(byte[] text) {
        int at = 0;
        while (at < text.length) {
            at = token(text, at);
        }
    }

    /** Write the token that begins at `at`; return the earliest start of the next token. */
    private int token(byte[] text, int at) {
        switch (text[at]) {
            case '{' -> out.append(MAP);
            case '[' -> out.append(LIST);
            case '}' -> out.append('}').append('}');
            case ']' -> out.append(']').append('}');
            case ',' -> out.append(',');
            case '"' -> {
                return string(text, at);
            }
            case ' ', '\t', '\n', '\r' -> {
                return at + 1;
            }
            default -> {
                return word(text, at);
            }
        }
        return at + 1;
    }

    private int string(byte[] text, int from) {
        int end = from + 1;
        while (end < text.length && text[end] != '"') {
            end += text[end] == '\\' ? 2 : 1;
        }
        end = Math.min(end + 1, text.length);
        int next = end;
        while (next < text.length && isSpace(text[next])) {
            next++;
        }
        if (next < text.length && text[next] == ':') {
            out.append(text, from, end).append(':');
            return next + 1;
        }
        out.append(STRING).append(text, from, end).append('}');
        return end;
    }

    /** Write a number, true, false or null. */
    private int word(byte[] text, int from) {
        int end = from;
        while (end < text.length && !isSpace(text[end]) && ",]}[{\":".indexOf(text[end]) < 0) {
            end++;
        }
        switch (text[from]) {
            case 't', 'f' -> out.append(BOOLEAN).append(text, from, end).append('}');
            case 'n' -> out.append(NULL);
            default -> out.append(NUMBER).append(text, from, end).append('"').append('}');
        }
        return Math.max(end, from + 1);
    }

    private static boolean isSpace(byte character) {
        return character == ' ' || character == '\t' || character == '\n' || character == '\r';
    }
}
