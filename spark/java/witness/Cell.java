package witness;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * A value, for Spark and as a text.
 *
 * @param value the value as Spark takes it, if it is not odd
 * @param text a String, or an Object[] of Strings and nulls
 * @param isOdd whether the column's type does not have the value, like infinity of a date
 */
record Cell(Object value, Object text, boolean isOdd) {
    private static final Object UNSEEN = new Object();
    static final Cell NULL = new Cell(null, null, false);

    static Cell of(Object value, String text) {
        return new Cell(value, text, false);
    }

    static Cell odd(String text) {
        return new Cell(null, text, true);
    }

    /** Return the cell of a value that the driver is known to misread. */
    static Cell unseen(String text) {
        return new Cell(UNSEEN, text, true);
    }

    long size() {
        if (text instanceof Object[] entries) {
            long size = 0;
            for (Object entry : entries) {
                size += entry == null ? 1 : ((String) entry).length();
            }
            return size;
        }
        return text == null ? 1 : ((String) text).length();
    }

    void write(JsonGenerator json) throws IOException {
        if (isOdd) {
            json.writeStartObject();
            json.writeStringField(value == UNSEEN ? "unseen" : "odd", (String) text);
            json.writeEndObject();
        } else if (text instanceof Object[] entries) {
            json.writeStartArray();
            for (Object entry : entries) {
                json.writeString((String) entry);
            }
            json.writeEndArray();
        } else {
            json.writeString((String) text);
        }
    }
}
