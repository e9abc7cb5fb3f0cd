package witness;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What gets a value, by the catalog's type and what the driver says of the column. */
final class Getters {
    private static final Pattern DECIMAL = Pattern.compile("numeric\\((\\d+),(\\d+)\\)");
    private static final LocalDate FIRST = LocalDate.of(1, 1, 1);
    private static final LocalDate LAST = LocalDate.of(9999, 12, 31);
    // So many digits tell every float apart.
    private static final int FEW_DIGITS = 6;
    private static final int MOST_DIGITS = 9;

    // What MySQL's texts need without a fraction: -838:59:59 and 2027-01-01 00:00:00.
    private static final int TIME_SIZE = 10;
    private static final int DATETIME_SIZE = 19;

    private Getters() {
    }

    static Getter of(String type, ResultSetMetaData facts, int column) throws SQLException {
        int jdbcType = facts.getColumnType(column);
        String databaseType = facts.getColumnTypeName(column);
        Matcher decimal = DECIMAL.matcher(type);
        if (decimal.matches()) {
            int precision = Integer.parseInt(decimal.group(1));
            int scale = Integer.parseInt(decimal.group(2));
            return (found, at) -> decimal(found.getBigDecimal(at), precision, scale);
        }
        return switch (type) {
            case "smallint", "integer", "bigint" -> (found, at) -> {
                long whole = found.getLong(at);
                return Cell.of(whole, Long.toString(whole));
            };
            case "numeric" -> Getters::numeric;
            case "real", "double" -> jdbcType == Types.REAL ? Getters::real : Getters::wide;
            case "boolean" -> jdbcType == Types.TINYINT ? Getters::tiny : (found, at) -> bool(found.getBoolean(at));
            case "date" -> (found, at) -> date(found.getObject(at, LocalDate.class));
            case "timestamp" -> (found, at) -> {
                LocalDateTime clock = found.getObject(at, LocalDateTime.class);
                return clock == null ? null : moment(clock);
            };
            case "timestamptz" -> (found, at) -> {
                OffsetDateTime moment = found.getObject(at, OffsetDateTime.class);
                boolean finite = moment != null && !OffsetDateTime.MAX.equals(moment)
                    && !OffsetDateTime.MIN.equals(moment);
                return moment == null ? null : !finite ? Cell.odd(moment.toString())
                    : moment(moment.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime());
            };
            case "bytes" -> (found, at) -> {
                byte[] bytes = found.getBytes(at);
                return bytes == null ? null : Cell.of(bytes, Base64.getEncoder().encodeToString(bytes));
            };
            case "text[]", "bigint[]" -> new Entries("bigint[]".equals(type), isPadded(databaseType));
            case "text", "uuid", "json" -> text(databaseType, facts.getColumnDisplaySize(column));
            default -> throw new IllegalArgumentException("the witness knows no type " + type);
        };
    }

    private static Getter text(String databaseType, int size) {
        return switch (databaseType) {
            case "inet" -> Getters::address;
            // MySQL's names; PostgreSQL's are in small letters, and its text needs no help.
            case "TIME" -> new Clock(size - TIME_SIZE - 1);
            case "DATETIME", "TIMESTAMP" -> new Clock(size - DATETIME_SIZE - 1);
            default -> new Text(isPadded(databaseType));
        };
    }

    /** Tell whether a value's trailing blanks are no part of it. */
    private static boolean isPadded(String databaseType) {
        return databaseType.toLowerCase(Locale.ROOT).endsWith("bpchar");
    }

    private static Cell decimal(BigDecimal number, int precision, int scale) {
        if (number == null) {
            return null;
        }
        BigDecimal exact = number.setScale(scale, RoundingMode.UNNECESSARY);
        return exact.precision() > precision ? Cell.odd(number.toString()) : Cell.of(exact, exact.toString());
    }

    /** Return a number of any size; NaN and infinity are no BigDecimal. */
    private static Cell numeric(ResultSet found, int at) throws SQLException {
        try {
            BigDecimal number = found.getBigDecimal(at);
            return number == null ? null : Cell.of(number.toPlainString(), number.toString());
        } catch (SQLException | NumberFormatException error) {
            String text = found.getString(at);
            if (text == null) {
                throw error;
            }
            return Cell.of(text, text);
        }
    }

    private static Cell wide(ResultSet found, int at) throws SQLException {
        double number = found.getDouble(at);
        return Cell.of(number, Double.toString(number));
    }

    private static Cell real(ResultSet found, int at) throws SQLException {
        float number = found.getFloat(at);
        if (number == 0 || !Float.isFinite(number)) {
            return Cell.of((double) number, Float.toString(number));
        }
        BigDecimal exact = new BigDecimal(number);
        for (int digits = FEW_DIGITS; digits < MOST_DIGITS; digits++) {
            String text = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN)).toString();
            if (Float.parseFloat(text) == number) {
                return Cell.of(Double.valueOf(text), text);
            }
        }
        String text = exact.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN)).toString();
        return Cell.of(Double.valueOf(text), text);
    }

    /** Return an address with the length of its network, which PostgreSQL's own text leaves out where it is whole. */
    private static Cell address(ResultSet found, int at) throws SQLException {
        String text = found.getString(at);
        if (text == null || text.contains("/")) {
            return text == null ? null : Cell.of(text, text);
        }
        String whole = text + (text.contains(":") ? "/128" : "/32");
        return Cell.of(whole, whole);
    }

    private static Cell tiny(ResultSet found, int at) throws SQLException {
        int number = found.getInt(at);
        return number == 0 || number == 1 ? bool(number == 1) : Cell.odd(Integer.toString(number));
    }

    private static Cell bool(boolean flag) {
        return Cell.of(flag, Boolean.toString(flag));
    }

    private static Cell date(LocalDate day) {
        if (day == null) {
            return null;
        }
        boolean known = !day.isBefore(FIRST) && !day.isAfter(LAST);
        return known ? Cell.of(day, Long.toString(day.toEpochDay())) : Cell.odd(day.toString());
    }

    private static Cell moment(LocalDateTime clock) {
        if (clock.toLocalDate().isBefore(FIRST) || clock.toLocalDate().isAfter(LAST)) {
            return Cell.odd(clock.toString());
        }
        long micros = ChronoUnit.MICROS.between(LocalDateTime.of(1970, 1, 1, 0, 0), clock);
        return Cell.of(clock.toInstant(ZoneOffset.UTC), Long.toString(micros));
    }

    /** A text as it is; what PostgreSQL pads is taken without its blanks. */
    private record Text(boolean isPadded) implements Getter {
        @Override
        public Cell get(ResultSet found, int at) throws SQLException {
            String text = found.getString(at);
            String bare = text != null && isPadded ? bare(text) : text;
            return bare == null ? null : Cell.of(bare, bare);
        }
    }

    /** A moment or span of MySQL's with so many digits behind its seconds: the driver leaves out zeros. */
    private record Clock(int digits) implements Getter {
        @Override
        public Cell get(ResultSet found, int at) throws SQLException {
            String text = found.getString(at);
            if (text == null) {
                return null;
            }
            if (text.startsWith("-")) {
                return Cell.unseen(text); // the driver adds its days to its hours with the wrong sign
            }
            int point = text.indexOf('.');
            String whole = point < 0 ? text : text.substring(0, point);
            String fraction = point < 0 ? "" : text.substring(point + 1);
            String zeros = "0".repeat(Math.max(0, digits - fraction.length()));
            String full = digits > 0 ? whole + '.' + fraction + zeros : text;
            return Cell.of(full, full);
        }
    }

    /** The entries of an array, of texts or of whole numbers. */
    private record Entries(boolean isWhole, boolean isPadded) implements Getter {
        @Override
        public Cell get(ResultSet found, int at) throws SQLException {
            Array array = found.getArray(at);
            if (array == null) {
                return null;
            }
            Object[] given = (Object[]) array.getArray();
            Object[] values = new Object[given.length];
            Object[] texts = new Object[given.length];
            for (int n = 0; n < given.length; n++) {
                if (given[n] instanceof Object[]) {
                    return Cell.odd("an array of arrays");
                }
                texts[n] = given[n] == null ? null : entry(given[n]);
                values[n] = isWhole && given[n] != null ? Long.valueOf(((Number) given[n]).longValue()) : texts[n];
            }
            return new Cell(values, texts, false);
        }

        private String entry(Object value) {
            String text = value instanceof BigDecimal number ? number.toPlainString() : value.toString();
            return isPadded ? bare(text) : text;
        }
    }

    private static String bare(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end);
    }
}
