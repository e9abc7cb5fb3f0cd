package migration;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * DynamoDB's limits on keys, values and sizes, and the reason for which a row is rejected.
 *
 * <p>Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
final class Limits {
    private static final int MAX_ITEM_BYTES = 400 * 1024;

    private final RowPlan plan;
    private final Numbers numbers = new Numbers();
    private final ItemSize sizes;
    private final Bytes scratch = new Bytes();

    Limits(RowPlan plan) {
        this.plan = plan;
        sizes = new ItemSize(plan);
    }

    /** Return why a row cannot become an item, or null. */
    String reason(InternalRow row) {
        String reason = keyReason(row);
        long bound = 0;
        for (RowPlan.Attribute attribute : plan.attributes) {
            if (reason == null && !row.isNullAt(attribute.index())) {
                bound += sizes.ofName(attribute.index()) + ItemSize.bound(row, attribute);
                reason = valueReason(row, attribute);
            }
        }
        return reason == null && bound > MAX_ITEM_BYTES ? sizeReason(row) : reason;
    }

    private String sizeReason(InternalRow row) {
        try {
            return sizes.exact(row) > MAX_ITEM_BYTES ? "item larger than " + MAX_ITEM_BYTES + " bytes" : null;
        } catch (IOException error) {
            throw new IllegalStateException("a document that was valid JSON cannot be read again", error);
        }
    }

    private String keyReason(InternalRow row) {
        for (RowPlan.Limit limit : plan.limits) {
            if (limit.required() && row.isNullAt(limit.index())) {
                return "key attribute " + plan.attributes.get(limit.index()).name() + " is null";
            }
        }
        for (RowPlan.Limit limit : plan.limits) {
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

    private String valueReason(InternalRow row, RowPlan.Attribute attribute) {
        if (sizes.ofName(attribute.index()) > Documents.MAX_NAME_BYTES) {
            return "an attribute's name is longer than " + Documents.MAX_NAME_BYTES + " bytes";
        }
        return switch (attribute.kind()) {
            case N -> numberReason(row, attribute);
            case SS, NS -> setReason(row.getArray(attribute.index()), attribute);
            case DOCUMENT, LIST_DOCUMENT -> {
                byte[] text = row.getUTF8String(attribute.index()).getBytes();
                String problem = Documents.problem(text, attribute.kind() == AttributeKind.DOCUMENT, numbers);
                yield problem == null ? null : attribute.name() + problem;
            }
            default -> null;
        };
    }

    private String numberReason(InternalRow row, RowPlan.Attribute attribute) {
        boolean held = true;
        if (attribute.type() == DataTypes.DoubleType) {
            held = Numbers.isHeld(row.getDouble(attribute.index()));
        } else if (attribute.type() == DataTypes.FloatType) {
            held = Numbers.isHeld(row.getFloat(attribute.index()));
        } else if (attribute.type() == DataTypes.StringType) {
            held = numbers.isHeld(row.getUTF8String(attribute.index()).toString());
        }
        return held ? null : attribute.name() + " is not a number that DynamoDB can hold";
    }

    private String setReason(ArrayData entries, RowPlan.Attribute attribute) {
        Set<UTF8String> written = new HashSet<>();
        Set<UTF8String> canonical = new HashSet<>();
        for (int n = 0; n < entries.numElements(); n++) {
            if (entries.isNullAt(n)) {
                return attribute.name() + " has a null in its set";
            }
            if (attribute.kind() == AttributeKind.NS) {
                if (!numbers.isHeld(entries.getUTF8String(n).toString())) {
                    return attribute.name() + " has a number in its set that DynamoDB cannot hold";
                }
                written.add(entries.getUTF8String(n));
                numbers.appendTo(scratch.clear());
                canonical.add(scratch.text());
            }
        }
        // 1 and 1.0 are the same number, and a set holds no number twice.
        return canonical.size() == written.size() ? null
            : attribute.name() + " has the same number twice in its set, in different notations";
    }
}
