package migration;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.unsafe.types.UTF8String;

/** The export's lines of a few keys, kept while the comparison reads all lines: a second pass would cost too much. */
public final class SampledLines implements Serializable {
    private static final long serialVersionUID = 1;
    private static final Map<Long, SampledLines> KNOWN = new ConcurrentHashMap<>(); // on the driver
    private static final AtomicLong NEXT = new AtomicLong();
    private static final int WORDS = 1 << 12;

    private final CollectionAccumulator<String> lines;
    private volatile Wanted wanted = new Wanted(new long[0]);

    private SampledLines(CollectionAccumulator<String> lines) {
        this.lines = lines;
    }

    /** Begin a sample; return the number of `export_marks_<number>`, which keeps no line until the sample is filled. */
    public static long begin(SparkContext spark) {
        CollectionAccumulator<String> lines = new CollectionAccumulator<>();
        spark.register(lines);
        long number = NEXT.incrementAndGet();
        KNOWN.put(number, new SampledLines(lines));
        return number;
    }

    /**
     * Keep the lines of keys with these hashes, in jobs that begin from now on.
     *
     * @param hashes eight bytes each, the highest first: Python passes bytes in one call, but numbers one by one
     */
    public static void fill(long number, byte[] hashes) {
        long[] sorted = new long[hashes.length / Long.BYTES];
        ByteBuffer.wrap(hashes).asLongBuffer().get(sorted);
        Arrays.sort(sorted);
        KNOWN.get(number).wanted = new Wanted(sorted);
    }

    /** Return the kept lines, separated by line feeds, and end the sample. */
    public static String take(long number) {
        return String.join("\n", KNOWN.remove(number).lines.value());
    }

    static SampledLines of(long number) {
        return KNOWN.get(number);
    }

    void offer(long hash, UTF8String line) {
        if (wanted.has(hash)) {
            lines.add(line.toString());
        }
    }

    private static final class Wanted implements Serializable {
        private static final long serialVersionUID = 1;

        private final long[] hashes; // in order
        private final long[] marked = new long[WORDS]; // a bit map of the hashes' low bits, checked first

        Wanted(long[] hashes) {
            this.hashes = hashes;
            for (long hash : hashes) {
                marked[word(hash)] |= 1L << hash;
            }
        }

        boolean has(long hash) {
            return (marked[word(hash)] >> hash & 1) != 0 && Arrays.binarySearch(hashes, hash) >= 0;
        }

        private static int word(long hash) {
            return (int) (hash >>> 6) & (WORDS - 1);
        }
    }
}
