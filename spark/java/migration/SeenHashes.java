package migration;

/** Growing set of 64-bit numbers, with about 16 bytes per number. */
final class SeenHashes {
    private static final int FIRST_SIZE = 1 << 12;

    private long[] slots = new long[FIRST_SIZE];
    private int count;
    private boolean zero;

    /** Add a number; return whether the set already held it. */
    boolean add(long hash) {
        if (hash == 0) { // marks a free slot
            boolean before = zero;
            zero = true;
            return before;
        }
        if (2 * count >= slots.length) {
            grow();
        }
        int at = slotOf(hash);
        if (slots[at] == hash) {
            return true;
        }
        slots[at] = hash;
        count++;
        return false;
    }

    private int slotOf(long hash) {
        // All numbers of a task may share their low bits, by which Spark distributes rows to tasks.
        int at = (int) (hash * 0x9E3779B97F4A7C15L >>> 32) & slots.length - 1;
        while (slots[at] != 0 && slots[at] != hash) {
            at = at + 1 & slots.length - 1;
        }
        return at;
    }

    private void grow() {
        long[] before = slots;
        slots = new long[2 * before.length];
        for (long hash : before) {
            if (hash != 0) {
                slots[slotOf(hash)] = hash;
            }
        }
    }
}
