package migration;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Mixer of a stream's lines within bounded memory; equal input always gives equal output.
 *
 * <p>Rows come in the database's order, which is often that of the partition key. Importing lines in that order would
 * write to a single DynamoDB partition at a time.
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

    /** Add bytes; Spark writes each line in its own calls, so a line ends with a last byte that is a line feed. */
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

    /** Write all whole lines in a mixed order; keep an unfinished line. */
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

    /** Return the start of the unfinished line. */
    private int begun() {
        return lines == 0 ? 0 : ends[lines - 1];
    }

    /** Return the next number below a bound, from SplitMix64 with a fixed seed. */
    private int draw(int bound) {
        drawn += 0x9E3779B97F4A7C15L;
        long mixed = (drawn ^ drawn >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return (int) Math.floorMod(mixed ^ mixed >>> 31, (long) bound);
    }
}
