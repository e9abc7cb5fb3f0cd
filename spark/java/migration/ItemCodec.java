package migration;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.io.compress.CompressionOutputStream;
import org.apache.hadoop.io.compress.Compressor;
import org.apache.hadoop.io.compress.GzipCodec;

/**
 * Gzip codec that mixes lines and compresses many at once, at its own level.
 *
 * <p>Hadoop's codec calls zlib twice per line and takes a level only with its native library. The level trades time for
 * bytes: docs/performance.md.
 */
public final class ItemCodec extends GzipCodec {
    private static final int LEVEL = 1;
    private static final int BUFFER_BYTES = 64 * 1024;

    @Override
    public CompressionOutputStream createOutputStream(OutputStream out) throws IOException {
        return new Compressed(new Gzip(out));
    }

    @Override
    public CompressionOutputStream createOutputStream(OutputStream out, Compressor compressor) throws IOException {
        return createOutputStream(out);
    }

    /** Java's gzip at LEVEL. */
    private static final class Gzip extends GZIPOutputStream {
        Gzip(OutputStream out) throws IOException {
            super(out, BUFFER_BYTES);
            def.setLevel(LEVEL);
        }
    }

    /** Stream that mixes lines and compresses many at once. */
    private static final class Compressed extends CompressionOutputStream {
        private final Gzip gzip;
        private final OutputStream waiting;
        private final MixedLines mixed;
        private final byte[] single = new byte[1];

        Compressed(Gzip gzip) {
            super(gzip);
            this.gzip = gzip;
            waiting = new BufferedOutputStream(gzip, BUFFER_BYTES);
            mixed = new MixedLines(waiting);
        }

        @Override
        public void write(int value) throws IOException {
            single[0] = (byte) value;
            mixed.write(single, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            mixed.write(bytes, from, count);
        }

        /** Keep waiting lines: the time of a flush must not change the order of lines. */
        @Override
        public void flush() {
            // finish() writes everything.
        }

        @Override
        public void finish() throws IOException {
            mixed.finish();
            waiting.flush();
            gzip.finish();
        }

        @Override
        public void resetState() {
            throw new UnsupportedOperationException("a file of items is one stream");
        }
    }
}
