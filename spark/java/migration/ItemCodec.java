package migration;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.io.compress.CompressionOutputStream;
import org.apache.hadoop.io.compress.Compressor;
import org.apache.hadoop.io.compress.GzipCodec;

/**
 * Gzip of lines: at a level of its own, which Hadoop's takes only with its native library, and many lines at once.
 *
 * <p>Hadoop's calls zlib twice for each line. The level is a choice of time against bytes: docs/performance.md.
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

    /** Java's gzip at the level. */
    private static final class Gzip extends GZIPOutputStream {
        Gzip(OutputStream out) throws IOException {
            super(out, BUFFER_BYTES);
            def.setLevel(LEVEL);
        }
    }

    /** Lines on their way to be compressed. */
    private static final class Compressed extends CompressionOutputStream {
        private final Gzip gzip;
        private final byte[] waiting = new byte[BUFFER_BYTES];
        private int length;

        Compressed(Gzip gzip) {
            super(gzip);
            this.gzip = gzip;
        }

        @Override
        public void write(int value) throws IOException {
            if (length == waiting.length) {
                compress();
            }
            waiting[length++] = (byte) value;
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            if (length + count > waiting.length) {
                compress();
            }
            if (count > waiting.length) {
                gzip.write(bytes, from, count);
            } else {
                System.arraycopy(bytes, from, waiting, length, count);
                length += count;
            }
        }

        private void compress() throws IOException {
            gzip.write(waiting, 0, length);
            length = 0;
        }

        @Override
        public void flush() throws IOException {
            compress();
            gzip.flush();
        }

        @Override
        public void finish() throws IOException {
            compress();
            gzip.finish();
        }

        @Override
        public void resetState() {
            throw new UnsupportedOperationException("a file of items is one stream");
        }
    }
}
