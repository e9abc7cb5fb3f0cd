package migration;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** Growing byte buffer, reused for every row. */
final class Bytes {
    private static final int FIRST_SIZE = 1024;
    private static final int LONGEST_LONG = 20;

    private static final long[] POWERS = new long[LONGEST_LONG - 1];

    static {
        POWERS[0] = 1;
        for (int n = 1; n < POWERS.length; n++) {
            POWERS[n] = 10 * POWERS[n - 1];
        }
    }

    byte[] data = new byte[FIRST_SIZE];
    int length;

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    Bytes clear() {
        length = 0;
        return this;
    }

    Bytes append(byte value) {
        room(1);
        data[length++] = value;
        return this;
    }

    Bytes append(char ascii) {
        return append((byte) ascii);
    }

    Bytes append(byte[] bytes) {
        return append(bytes, 0, bytes.length);
    }

    Bytes append(byte[] bytes, int from, int to) {
        room(to - from);
        System.arraycopy(bytes, from, data, length, to - from);
        length += to - from;
        return this;
    }

    Bytes append(UTF8String text) {
        int size = text.numBytes();
        room(size);
        text.writeToMemory(data, (long) Platform.BYTE_ARRAY_OFFSET + length);
        length += size;
        return this;
    }

    Bytes append(String text) {
        return append(text.getBytes(StandardCharsets.UTF_8));
    }

    Bytes append(long number) {
        if (number == Long.MIN_VALUE) {
            return append(Long.toString(number));
        }
        room(LONGEST_LONG);
        long rest = number;
        if (rest < 0) {
            data[length++] = '-';
            rest = -rest;
        }
        int digits = 1;
        while (digits < POWERS.length && rest >= POWERS[digits]) {
            digits++;
        }
        return digits(rest, digits);
    }

    /** Append the last digits of a non-negative number, padded with leading zeros. */
    Bytes digits(long number, int count) {
        room(count);
        long rest = number;
        for (int at = length + count - 1; at >= length; at--) {
            data[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += count;
        return this;
    }

    /** Append the four bytes of a number. */
    Bytes integer(int number) {
        return append((byte) (number >>> 24)).append((byte) (number >>> 16)).append((byte) (number >>> 8))
            .append((byte) number);
    }

    /** Append the eight bytes of a number. */
    Bytes whole(long number) {
        return integer((int) (number >>> Integer.SIZE)).integer((int) number);
    }

    /** Return ten to a power that a long holds. */
    static long power(int exponent) {
        return POWERS[exponent];
    }

    byte[] copy(int from, int to) {
        return Arrays.copyOfRange(data, from, to);
    }

    UTF8String text() {
        return UTF8String.fromBytes(copy(0, length));
    }

    private void room(int more) {
        if (length + more > data.length) {
            data = Arrays.copyOf(data, Math.max(length + more, 2 * data.length));
        }
    }
}
