package migration;

/** Kinds of attributes, by the names that the row plan uses, with the DynamoDB type that stores each. */
enum AttributeKind {
    S("S"),
    N("N"),
    BOOL("BOOL"),
    B("B"),
    SS("SS"),
    NS("NS"),
    L("L"),
    NUMBER_LIST("L"),
    DATE("S"),
    TIMESTAMP("S"),
    EPOCH_SECONDS("N"),
    DOCUMENT("M"),
    LIST_DOCUMENT("L");

    /** The DynamoDB type that stores it. */
    final String stored;

    AttributeKind(String stored) {
        this.stored = stored;
    }

    boolean isDocument() {
        return this == DOCUMENT || this == LIST_DOCUMENT;
    }
}
