package migration;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.function.Predicate;

/** Numbers as texts: their value whatever their notation, and whether DynamoDB can hold them. */
final class Numbers {
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
    private static final int MOST_DIGITS = 38;
    private static final int HIGHEST_POWER = 125;
    private static final int LOWEST_POWER = -130;
    private static final double TOO_LARGE = 1e126;
    private static final double SMALLEST = 1e-130;
    private static final int FARTHEST_POINT = 400; // beyond any of DynamoDB's, and short enough to be written out
    private static final int LONGEST_EXPONENT = 4;
    // Java's text of a double is already the shortest if it is short, or if the number has a usual magnitude.
    private static final int SHORT_DOUBLE = 17;
    private static final int SHORT_FLOAT = 9;
    private static final double USUAL_FROM = 1e-3;
    private static final double USUAL_TO = 1e15;

    private char[] digits = new char[64];
    private int first; // of the digits, without zeros before and behind
    private int last;
    private int point; // digits before the decimal point; negative if zeros follow the point first
    private int power; // power of ten of the last digit
    private boolean negative;

    /** Parse a number's text; return false if it is not a number. */
    boolean parse(CharSequence text) {
        int end = text.length();
        negative = end > 0 && text.charAt(0) == '-';
        boolean signed = negative || (end > 0 && text.charAt(0) == '+');
        int at = signed ? 1 : 0;
        if (digits.length < end) {
            digits = new char[2 * end];
        }
        int count = 0;
        int before = -1;
        for (; at < end; at++) {
            char character = text.charAt(at);
            if (character >= '0' && character <= '9') {
                digits[count++] = character;
            } else if (character == '.' && before < 0) {
                before = count;
            } else {
                break;
            }
        }
        if (count == 0) {
            return false;
        }
        point = before < 0 ? count : before;
        if (at < end && !exponent(text, at, end)) {
            return false;
        }
        power = point - count;
        trim(count);
        return true;
    }

    private boolean exponent(CharSequence text, int from, int end) {
        int at = from + 1;
        boolean minus = at < end && text.charAt(at) == '-';
        if (minus || (at < end && text.charAt(at) == '+')) {
            at++;
        }
        if ((text.charAt(from) | ' ') != 'e' || at == end) {
            return false;
        }
        while (at < end - 1 && text.charAt(at) == '0') {
            at++;
        }
        if (end - at > LONGEST_EXPONENT) {
            return false;
        }
        int exponent = 0;
        for (; at < end; at++) {
            int digit = text.charAt(at) - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            exponent = 10 * exponent + digit;
        }
        point += minus ? -exponent : exponent;
        return true;
    }

    private void trim(int count) {
        first = 0;
        last = count;
        while (first < last && digits[first] == '0') {
            first++;
        }
        while (last > first && digits[last - 1] == '0') {
            last--;
        }
        point -= first;
    }

    /** Return whether a text is a number that DynamoDB can hold. */
    boolean isHeld(CharSequence text) {
        return parse(text) && isHeld();
    }

    /** Return whether DynamoDB can hold the shortest text of a number. */
    static boolean isHeld(double value) {
        double size = Math.abs(value);
        return size < TOO_LARGE && (size >= SMALLEST || size == 0);
    }

    /**
     * Return whether DynamoDB can hold the number: 38 digits, and a magnitude from 1E-130 to 9.9E+125.
     *
     * <p>Zero has the magnitude of its notation: https://github.com/paritysuite/dynamodb-conformance
     */
    private boolean isHeld() {
        int highest = first == last ? power : point - 1;
        return last - first <= MOST_DIGITS && highest <= HIGHEST_POWER && highest >= LOWEST_POWER;
    }

    /**
     * Return the bytes that DynamoDB charges: one, plus one per two digits before the point and per two after it.
     *
     * <p>AWS documents this as approximate; real tables do this: https://github.com/paritysuite/dynamodb-conformance
     */
    int bytes() {
        int count = last - first;
        int whole = Math.min(Math.max(point, 0), count);
        return 1 + (whole + 1) / 2 + (count - whole + 1) / 2 + (negative && count > 0 ? 1 : 0);
    }

    /** Append the number as digits and a point without needless zeros; return false if that would be too long. */
    boolean appendTo(Bytes out) {
        int count = last - first;
        if (count == 0) {
            out.append('0');
            return true;
        }
        if (Math.abs(point) > FARTHEST_POINT) {
            return false;
        }
        if (negative) {
            out.append('-');
        }
        if (point <= 0) {
            out.append('0').append('.');
        }
        for (int zero = point; zero < 0; zero++) {
            out.append('0');
        }
        for (int n = 0; n < count; n++) {
            if (n == point && n > 0) {
                out.append('.');
            }
            out.append(digits[first + n]);
        }
        for (int zero = count; zero < point; zero++) {
            out.append('0');
        }
        return true;
    }

    /** Return the shortest text that parses to the same 64 bits. */
    static String shortest(double value) {
        String text = Double.toString(value);
        double size = Math.abs(value);
        boolean isShort = text.length() < SHORT_DOUBLE || (size >= USUAL_FROM && size < USUAL_TO);
        return isShort ? text : shortest(text, value, 15, 17, shorter -> Double.parseDouble(shorter) == value);
    }

    /** Return the shortest text that parses to the same 32 bits. */
    static String shortest(float value) {
        String text = Float.toString(value);
        return text.length() < SHORT_FLOAT ? text
            : shortest(text, value, 6, 9, shorter -> Float.parseFloat(shorter) == value);
    }

    /** Return the text with the fewest digits, from few to many, that parses to the number, or else `text`. */
    private static String shortest(String text, double value, int few, int many, Predicate<String> givesItBack) {
        for (int digits = few; digits <= many && Double.isFinite(value); digits++) {
            String shorter = rounded(value, digits);
            if (givesItBack.test(shorter)) {
                return shorter;
            }
        }
        return text;
    }

    private static String rounded(double value, int digits) {
        return new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN)).stripTrailingZeros()
            .toString();
    }
}
