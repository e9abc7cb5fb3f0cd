package migration;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * DynamoDB's limits on keys, values and sizes, and the reason that a row is rejected with.
 *
 * <p>Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
final class Limits {
    private static final int MAX_ITEM_BYTES = 400 * 1024;

    private final Plan plan;
    private final Numbers numbers = new Numbers();
    private final ItemSize sizes;
    private final Bytes scratch = new Bytes();

    Limits(Plan plan) {
        this.plan = plan;
        sizes = new ItemSize(plan);
    }

    /** Return why a row cannot become an item, or null. */
    String reason(InternalRow row) {
        String reason = ofKeys(row);
        long bound = 0;
        for (Plan.Attribute attribute : plan.attributes) {
            if (reason == null && !row.isNullAt(attribute.index())) {
                bound += sizes.ofName(attribute.index()) + ItemSize.bound(row, attribute);
                reason = ofValue(row, attribute);
            }
        }
        return reason == null && bound > MAX_ITEM_BYTES ? ofSize(row) : reason;
    }

    private String ofSize(InternalRow row) {
        try {
            return sizes.exact(row) > MAX_ITEM_BYTES ? "item larger than " + MAX_ITEM_BYTES + " bytes" : null;
        } catch (IOException error) {
            throw new IllegalStateException("a document was JSON, and is none any more", error);
        }
    }

    private String ofKeys(InternalRow row) {
        for (Plan.Limit limit : plan.limits) {
            if (limit.required() && row.isNullAt(limit.index())) {
                return "key attribute " + plan.attributes.get(limit.index()).name() + " is null";
            }
        }
        for (Plan.Limit limit : plan.limits) {
            if (limit.maxBytes() > 0 && !row.isNullAt(limit.index())) {
                String name = plan.attributes.get(limit.index()).name();
                long bytes = ItemSize.bound(row, plan.attributes.get(limit.index()));
                if (bytes == 0) {
                    return "key attribute " + name + " is empty";
                }
                if (bytes > limit.maxBytes()) {
                    return "key attribute " + name + " is longer than " + limit.maxBytes() + " bytes";
                }
                if (limit.prefix().numBytes() > 0 && !row.getUTF8String(limit.index()).startsWith(limit.prefix())) {
                    return "key attribute " + name + " does not begin with " + limit.prefix()
                        + ", as its part's keys do";
                }
            }
        }
        return null;
    }

    private String ofValue(InternalRow row, Plan.Attribute attribute) {
        if (sizes.ofName(attribute.index()) > Documents.MAX_NAME_BYTES) {
            return "an attribute's name is longer than " + Documents.MAX_NAME_BYTES + " bytes";
        }
        return switch (attribute.kind()) {
            case N -> ofNumber(row, attribute);
            case SS, NS -> ofSet(row.getArray(attribute.index()), attribute);
            case DOCUMENT, LIST_DOCUMENT -> {
                byte[] text = row.getUTF8String(attribute.index()).getBytes();
                String problem = Documents.problem(text, attribute.kind() == Kind.DOCUMENT, numbers);
                yield problem == null ? null : attribute.name() + problem;
            }
            default -> null;
        };
    }

    private String ofNumber(InternalRow row, Plan.Attribute attribute) {
        boolean held = true;
        if (attribute.type() == DataTypes.DoubleType) {
            held = Numbers.isHeld(row.getDouble(attribute.index()));
        } else if (attribute.type() == DataTypes.FloatType) {
            held = Numbers.isHeld(row.getFloat(attribute.index()));
        } else if (attribute.type() == DataTypes.StringType) {
            held = numbers.isHeld(row.getUTF8String(attribute.index()).toString());
        }
        return held ? null : attribute.name() + " is no number that DynamoDB holds";
    }

    private String ofSet(ArrayData entries, Plan.Attribute attribute) {
        Set<UTF8String> written = new HashSet<>();
        Set<UTF8String> meant = new HashSet<>();
        for (int n = 0; n < entries.numElements(); n++) {
            if (entries.isNullAt(n)) {
                return attribute.name() + " has a null in its set";
            }
            if (attribute.kind() == Kind.NS) {
                if (!numbers.isHeld(entries.getUTF8String(n).toString())) {
                    return attribute.name() + " has a number in its set that DynamoDB does not hold";
                }
                written.add(entries.getUTF8String(n));
                numbers.appendTo(scratch.clear());
                meant.add(scratch.text());
            }
        }
        // 1 and 1.0 are one number, which no set holds twice.
        return meant.size() == written.size() ? null : attribute.name() + " has a number in its set in two writings";
    }
}
