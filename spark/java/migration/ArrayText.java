package migration;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Parser of PostgreSQL's array texts, like {a,"b c",NULL}.
 *
 * <p>Format: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
final class ArrayText {
    private static final UTF8String NULL = UTF8String.fromString("NULL");

    private final byte[] text;
    private final List<UTF8String> entries = new ArrayList<>();

    ArrayText(byte[] text) {
        this.text = text;
    }

    /** Return the entries; null if the text is not an array, or is an array of arrays. */
    GenericArrayData texts() {
        return read() ? new GenericArrayData(entries.toArray()) : null;
    }

    /**
     * Return the entries as numbers.
     *
     * @throws NumberFormatException if an entry is not a number
     */
    GenericArrayData numbers() {
        if (!read()) {
            return null;
        }
        return new GenericArrayData(
            entries.stream().map(entry -> entry == null ? null : Long.valueOf(entry.toString())).toArray());
    }

    private boolean read() {
        int at = 0;
        // Bounds, which only arrays that do not begin at 1 have, mean nothing in a list.
        while (at < text.length && text[0] == '[' && text[at] != '{') {
            at++;
        }
        if (at == text.length || text[at++] != '{') {
            return false;
        }
        if (at == text.length - 1) {
            return text[at] == '}';
        }
        while (at < text.length) {
            if (text[at] == '{') {
                return false;
            }
            at = text[at] == '"' ? quoted(at + 1) : plain(at);
            if (at >= text.length || (text[at] != ',' && text[at] != '}')) {
                return false;
            }
            if (text[at++] == '}') {
                return at == text.length;
            }
        }
        return false;
    }

    /** Add an unquoted entry; return its end. */
    private int plain(int from) {
        int end = from;
        while (end < text.length && text[end] != ',' && text[end] != '}') {
            end++;
        }
        UTF8String entry = UTF8String.fromBytes(text, from, end - from);
        entries.add(NULL.equals(entry) ? null : entry);
        return end;
    }

    /** Add a quoted entry that begins behind its opening quote; return the position behind the closing quote. */
    private int quoted(int from) {
        Bytes entry = null;
        int done = from;
        int at = from;
        while (at < text.length && text[at] != '"') {
            if (text[at] == '\\') {
                entry = entry == null ? new Bytes() : entry;
                entry.append(text, done, at);
                done = ++at; // a backslash escapes the next character
            }
            at++;
        }
        int end = Math.min(at, text.length);
        entries.add(
            entry == null ? UTF8String.fromBytes(text, from, end - from) : entry.append(text, done, end).text());
        return at + 1;
    }
}
