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
 * The change from one line of an item to another, as a line for the table writer.
 *
 * <p>{"put": item, "was": item or null} where there is a new item, {"delete": key, "was": item} where there is none. An
 * item stands as its line has it: what DynamoDB holds is compared with it by value, not by writing.
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
     * @param before the line of the item that is there, or null
     * @param after the line of the item that is to be there, or null
     * @param names the key's attributes, as a JSON array
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

    /** Return what a line says of an item; the comparison's reader has read it before. */
    private static JsonNode item(UTF8String line) throws JsonProcessingException {
        return line == null ? JSON.nullNode() : JSON.readTree(line.toString()).get("Item");
    }
}
