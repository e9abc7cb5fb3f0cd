package migration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Row plan of a table: its attributes in the order of the row's fields, and their roles. */
final class RowPlan {
    final List<Attribute> attributes = new ArrayList<>();
    final List<Limit> limits = new ArrayList<>();
    final List<Integer> key = new ArrayList<>();
    final List<Integer> exact = new ArrayList<>();
    final List<Integer> loose = new ArrayList<>();
    final List<Integer> excluded = new ArrayList<>();
    /** The attribute that is the time to live, or -1. */
    final int ttl;
    /** The key's attributes and the time to live: they decide an item's bucket. */
    final int[] located;
    /** The seed of the terms' hashes, new in every run. */
    final int seed;

    /** An attribute: the row's field, its SQL type and its kind. */
    record Attribute(int index, String name, AttributeKind kind, DataType type) {
        int scale() {
            return ((DecimalType) type).scale();
        }

        int precision() {
            return ((DecimalType) type).precision();
        }
    }

    /** A key attribute of a table or an index: whether it is required, its longest text or 0, and its prefix. */
    record Limit(int index, boolean required, int maxBytes, UTF8String prefix) {
    }

    /**
     * Read a row plan, as the jobs write it.
     *
     * @param row the type of the plan's row, or null for the plan of a line
     */
    static RowPlan read(String json, StructType row) {
        try {
            return new RowPlan(new ObjectMapper().readTree(json), row);
        } catch (IOException error) {
            throw new IllegalArgumentException("the row plan is not valid JSON: " + json, error);
        }
    }

    private RowPlan(JsonNode document, StructType row) {
        int index = 0;
        for (JsonNode attribute : document.get("attributes")) {
            AttributeKind kind = AttributeKind.valueOf(attribute.get("kind").asText().toUpperCase(Locale.ROOT));
            DataType type = row == null ? null : row.fields()[index].dataType();
            attributes.add(new Attribute(index++, attribute.get("name").asText(), kind, type));
        }
        for (JsonNode limit : document.get("limits")) {
            limits.add(new Limit(indexOf(limit), limit.get("required").asBoolean(), limit.get("maxBytes").asInt(),
                UTF8String.fromString(limit.path("prefix").asText())));
        }
        document.get("key").forEach(name -> key.add(indexOf(name.asText())));
        document.get("loose").forEach(name -> loose.add(indexOf(name.asText())));
        document.get("excluded").forEach(name -> excluded.add(indexOf(name.asText())));
        ttl = document.hasNonNull("ttl") ? indexOf(document.get("ttl").asText()) : -1;
        located = IntStream.concat(key.stream().mapToInt(Integer::intValue), IntStream.of(ttl)).filter(n -> n >= 0)
            .distinct().toArray();
        seed = document.path("seed").asInt();
        for (Attribute attribute : attributes) {
            if (!loose.contains(attribute.index) && !excluded.contains(attribute.index)) {
                exact.add(attribute.index);
            }
        }
    }

    private int indexOf(JsonNode limit) {
        return indexOf(limit.get("name").asText());
    }

    private int indexOf(String name) {
        for (Attribute attribute : attributes) {
            if (attribute.name.equals(name)) {
                return attribute.index;
            }
        }
        throw new IllegalArgumentException("the row plan has no attribute " + name);
    }
}
