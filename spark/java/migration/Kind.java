package migration;

/** How an attribute is stored; the names are those of the plan. */
enum Kind {
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

    /** The type that DynamoDB stores it as. */
    final String stored;

    Kind(String stored) {
        this.stored = stored;
    }

    boolean isDocument() {
        return this == DOCUMENT || this == LIST_DOCUMENT;
    }
}
