package migration;

/** Functions that both jobs call. */
public final class Functions {
    private Functions() {}
}
