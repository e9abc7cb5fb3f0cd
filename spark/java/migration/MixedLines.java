package migration;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Mixes the lines of a stream within a bounded memory; the same lines in the same order always come out alike.
 *
 * <p>Rows come in the order of the database, which is often that of the partition key. An import of lines in that order
 * would write to one partition of DynamoDB at a time.
 */
final class MixedLines {
    static final int MOST_BYTES = 16 * 1024 * 1024;
    private static final int FIRST_BYTES = 64 * 1024;
    private static final int FIRST_LINES = 256;

    private final OutputStream out;
    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;
    private int[] starts = new int[FIRST_LINES];
    private int[] ends = new int[FIRST_LINES];
    private int lines;
    private long drawn;

    MixedLines(OutputStream out) {
        this.out = out;
    }

    /** Add bytes; a line ends where the last of them is a line feed, since Spark writes each line for itself. */
    void write(byte[] from, int start, int count) throws IOException {
        if (count == 0) {
            return;
        }
        if (length + count > MOST_BYTES) {
            pour();
        }
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + count, 2 * bytes.length));
        }
        System.arraycopy(from, start, bytes, length, count);
        length += count;
        if (bytes[length - 1] == '\n') {
            end();
        }
    }

    /** Write all whole lines, in another order; a line that has no end yet stays. */
    void pour() throws IOException {
        int rest = begun();
        for (int left = lines; left > 0; left--) {
            int chosen = draw(left);
            out.write(bytes, starts[chosen], ends[chosen] - starts[chosen]);
            starts[chosen] = starts[left - 1];
            ends[chosen] = ends[left - 1];
        }
        lines = 0;
        length -= rest;
        System.arraycopy(bytes, rest, bytes, 0, length);
    }

    /** Write everything. */
    void finish() throws IOException {
        pour();
        out.write(bytes, 0, length);
        length = 0;
    }

    private void end() {
        int start = begun();
        if (lines == ends.length) {
            starts = Arrays.copyOf(starts, 2 * lines);
            ends = Arrays.copyOf(ends, 2 * lines);
        }
        starts[lines] = start;
        ends[lines++] = length;
    }

    /** Return where the line begins that has no end yet. */
    private int begun() {
        return lines == 0 ? 0 : ends[lines - 1];
    }

    /** Return the next number below a bound, from SplitMix64 with one seed for all. */
    private int draw(int bound) {
        drawn += 0x9E3779B97F4A7C15L;
        long mixed = (drawn ^ drawn >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return (int) Math.floorMod(mixed ^ mixed >>> 31, (long) bound);
    }
}
