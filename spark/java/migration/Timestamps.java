package migration;

import java.time.DateTimeException;
import java.time.LocalDate;
import org.apache.spark.unsafe.types.UTF8String;

/** Dates and timestamps in UTC: as texts, and as Spark's numbers. */
final class Timestamps {
    private static final long MICROS = 1_000_000L;
    private static final long DAY_SECONDS = 86_400L;
    private static final int DATE_LENGTH = 10;
    private static final int SECONDS_LENGTH = 19; // 2027-01-01 00:00:00

    private Timestamps() {
    }

    /** Append `2027-01-01`. */
    static void appendDate(long day, Bytes out) {
        LocalDate date = LocalDate.ofEpochDay(day);
        int year = date.getYear();
        if (year < 0 || year > 9999) {
            out.append(date.toString());
        } else {
            out.digits(year, 4).append('-').digits(date.getMonthValue(), 2).append('-').digits(date.getDayOfMonth(), 2);
        }
    }

    /** Append `2027-01-01T00:00:00.000000Z`. */
    static void appendTimestamp(long micros, Bytes out) {
        long seconds = Math.floorDiv(micros, MICROS);
        appendDate(Math.floorDiv(seconds, DAY_SECONDS), out);
        long time = Math.floorMod(seconds, DAY_SECONDS);
        out.append('T').digits(time / 3600, 2).append(':').digits(time / 60 % 60, 2).append(':').digits(time % 60, 2);
        out.append('.').digits(Math.floorMod(micros, MICROS), 6).append('Z');
    }

    static long secondsOfTimestamp(long micros) {
        return Math.floorDiv(micros, MICROS);
    }

    static long secondsOfDate(long day) {
        return day * DAY_SECONDS;
    }

    /** Return the day of a text like `2027-01-01`, or null. */
    static Integer parseDate(UTF8String text) {
        return text.numBytes() == DATE_LENGTH ? date(text.getBytes()) : null;
    }

    /** Return the microseconds of `2027-01-01 00:00:00.000000+00`, with optional zone and fraction, or null. */
    static Long parseTimestamp(UTF8String text) {
        if (text.numBytes() < SECONDS_LENGTH) {
            return null;
        }
        byte[] bytes = text.getBytes();
        int end = bytes.length;
        if (bytes[end - 3] == '+' && bytes[end - 2] == '0' && bytes[end - 1] == '0') {
            end -= 3;
        }
        Integer day = date(bytes);
        int hour = number(bytes, 11, 13);
        int minute = number(bytes, 14, 16);
        int second = number(bytes, 17, SECONDS_LENGTH);
        int fraction = fraction(bytes, end);
        boolean marked = bytes[10] == ' ' && bytes[13] == ':' && bytes[16] == ':';
        boolean known = hour >= 0 && minute >= 0 && second >= 0 && fraction >= 0;
        if (day == null || !marked || !known || hour > 23 || minute > 59 || second > 59) {
            return null;
        }
        return (day * DAY_SECONDS + hour * 3600 + minute * 60 + second) * MICROS + fraction;
    }

    /** Return the microseconds after the seconds, or -1. */
    private static int fraction(byte[] bytes, int end) {
        if (end == SECONDS_LENGTH) {
            return 0;
        }
        int digits = end - SECONDS_LENGTH - 1;
        if (digits < 1 || digits > 6 || bytes[SECONDS_LENGTH] != '.') {
            return -1;
        }
        return number(bytes, SECONDS_LENGTH + 1, end) * (int) Bytes.power(6 - digits);
    }

    /** Return the day at a text's beginning, or null. */
    private static Integer date(byte[] bytes) {
        int year = number(bytes, 0, 4);
        if (year < 0 || bytes[4] != '-' || bytes[7] != '-') {
            return null;
        }
        try {
            return (int) LocalDate.of(year, number(bytes, 5, 7), number(bytes, 8, 10)).toEpochDay();
        } catch (DateTimeException error) {
            return null;
        }
    }

    /** Return the number that a range of digits makes, or -1. */
    private static int number(byte[] bytes, int from, int to) {
        int number = 0;
        for (int at = from; at < to; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
        }
        return number;
    }
}
