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

/** Keeps the export's lines of a few keys while the comparison reads all of them: a second pass would cost too much. */
public final class SampledLines implements Serializable {
    private static final long serialVersionUID = 1;
    private static final Map<Long, SampledLines> KNOWN = new ConcurrentHashMap<>(); // on the driver
    private static final AtomicLong NEXT = new AtomicLong();
    private static final int WORDS = 1 << 12;

    private final long[] hashes; // in order
    private final long[] marked = new long[WORDS]; // bits of what the hashes end with, asked first
    private final CollectionAccumulator<String> lines;

    private SampledLines(long[] hashes, CollectionAccumulator<String> lines) {
        this.hashes = hashes;
        this.lines = lines;
        for (long hash : hashes) {
            marked[word(hash)] |= 1L << hash;
        }
    }

    /**
     * Keep lines whose key has one of some hashes.
     *
     * @param hashes eight bytes each, the highest first: Python hands bytes over in one piece, but numbers one by one
     * @return the number that `export_marks_<number>` knows them by
     */
    public static long keep(SparkContext spark, byte[] hashes) {
        long[] sorted = new long[hashes.length / Long.BYTES];
        ByteBuffer.wrap(hashes).asLongBuffer().get(sorted);
        Arrays.sort(sorted);
        CollectionAccumulator<String> lines = new CollectionAccumulator<>();
        spark.register(lines);
        long number = NEXT.incrementAndGet();
        KNOWN.put(number, new SampledLines(sorted, lines));
        return number;
    }

    /** Return the lines that were kept, one below the other, and keep none any more. */
    public static String take(long number) {
        return String.join("\n", KNOWN.remove(number).lines.value());
    }

    static SampledLines of(long number) {
        return KNOWN.get(number);
    }

    void offer(long hash, UTF8String line) {
        if ((marked[word(hash)] >> hash & 1) != 0 && Arrays.binarySearch(hashes, hash) >= 0) {
            lines.add(line.toString());
        }
    }

    private static int word(long hash) {
        return (int) (hash >>> 6) & (WORDS - 1);
    }
}
