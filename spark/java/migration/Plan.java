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

/** What a table's rows become: its attributes in the order of the row's fields, and the roles that they have. */
final class Plan {
    final List<Attribute> attributes = new ArrayList<>();
    final List<Limit> limits = new ArrayList<>();
    final List<Integer> key = new ArrayList<>();
    final List<Integer> exact = new ArrayList<>();
    final List<Integer> loose = new ArrayList<>();
    final List<Integer> excluded = new ArrayList<>();
    /** Which attribute is the time to live, or -1. */
    final int ttl;
    /** The key's attributes and the time to live: they tell which bucket an item is in. */
    final int[] located;
    /** What the terms of a bucket's sums are hashed with, anew in every run. */
    final int seed;

    /** One attribute: which field of the row, of which SQL type, stored how. */
    record Attribute(int index, String name, Kind kind, DataType type) {
        int scale() {
            return ((DecimalType) type).scale();
        }

        int precision() {
            return ((DecimalType) type).precision();
        }
    }

    /** A key attribute of a table or an index: whether it must be there, its longest text or 0, and how it begins. */
    record Limit(int index, boolean required, int maxBytes, UTF8String prefix) {
    }

    /**
     * Read a plan, as the jobs write it.
     *
     * @param row the type of the row that it is for, or null where there is none
     */
    static Plan read(String json, StructType row) {
        try {
            return new Plan(new ObjectMapper().readTree(json), row);
        } catch (IOException error) {
            throw new IllegalArgumentException("the plan of a row is no JSON: " + json, error);
        }
    }

    private Plan(JsonNode document, StructType row) {
        int index = 0;
        for (JsonNode attribute : document.get("attributes")) {
            Kind kind = Kind.valueOf(attribute.get("kind").asText().toUpperCase(Locale.ROOT));
            DataType type = row == null ? null : row.fields()[index].dataType();
            attributes.add(new Attribute(index++, attribute.get("name").asText(), kind, type));
        }
        for (JsonNode limit : document.get("limits")) {
            limits.add(new Limit(place(limit), limit.get("required").asBoolean(), limit.get("maxBytes").asInt(),
                UTF8String.fromString(limit.path("prefix").asText())));
        }
        document.get("key").forEach(name -> key.add(named(name.asText())));
        document.get("loose").forEach(name -> loose.add(named(name.asText())));
        document.get("excluded").forEach(name -> excluded.add(named(name.asText())));
        ttl = document.hasNonNull("ttl") ? named(document.get("ttl").asText()) : -1;
        located = IntStream.concat(key.stream().mapToInt(Integer::intValue), IntStream.of(ttl)).filter(n -> n >= 0)
            .distinct().toArray();
        seed = document.path("seed").asInt();
        for (Attribute attribute : attributes) {
            if (!loose.contains(attribute.index) && !excluded.contains(attribute.index)) {
                exact.add(attribute.index);
            }
        }
    }

    private int place(JsonNode limit) {
        return named(limit.get("name").asText());
    }

    private int named(String name) {
        for (Attribute attribute : attributes) {
            if (attribute.name.equals(name)) {
                return attribute.index;
            }
        }
        throw new IllegalArgumentException("the plan of a row has no attribute " + name);
    }
}
