package migration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Function that returns the change from an item's old line to its new line, as a line for the table writer.
 *
 * <p>{"put": item, "was": item or null} if there is a new item, otherwise {"delete": key, "was": item}. Items keep the
 * notation of their lines: the writer compares them with DynamoDB's by value, not by notation.
 */
public final class Change implements ScalarFunction<UTF8String> {
    private static final ObjectMapper JSON = new ObjectMapper();

    private transient UTF8String seen;
    private transient String[] key;

    @Override
    public DataType[] inputTypes() {
        return new DataType[] {DataTypes.StringType, DataTypes.StringType, DataTypes.StringType};
    }

    @Override
    public DataType resultType() {
        return DataTypes.StringType;
    }

    @Override
    public String name() {
        return "Change";
    }

    /**
     * Return the change.
     *
     * @param before the line of the present item, or null
     * @param after the line of the wanted item, or null
     * @param names the names of the key's attributes, as a JSON array
     */
    public UTF8String invoke(UTF8String before, UTF8String after, UTF8String names) throws JsonProcessingException {
        if (names != seen) {
            key = JSON.readValue(names.toString(), String[].class);
            seen = names;
        }
        ObjectNode change = JSON.createObjectNode();
        JsonNode was = item(before);
        if (after == null) {
            ObjectNode deleted = change.putObject("delete");
            for (String name : key) {
                deleted.set(name, was.get(name));
            }
        } else {
            change.set("put", item(after));
        }
        change.set("was", was);
        return UTF8String.fromString(JSON.writeValueAsString(change));
    }

    /** Return the item of a line, which the comparison's reader has already accepted. */
    private static JsonNode item(UTF8String line) throws JsonProcessingException {
        return line == null ? JSON.nullNode() : JSON.readTree(line.toString()).get("Item");
    }
}
