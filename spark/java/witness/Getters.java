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

/** Getters of values, by the catalog's type and the driver's metadata of the column. */
final class Getters {
    private static final Pattern DECIMAL = Pattern.compile("numeric\\((\\d+),(\\d+)\\)");
    private static final LocalDate FIRST = LocalDate.of(1, 1, 1);
    private static final LocalDate LAST = LocalDate.of(9999, 12, 31);
    // Nine digits distinguish every float.
    private static final int FEW_DIGITS = 6;
    private static final int MOST_DIGITS = 9;

    // Lengths of MySQL's texts without a fraction: -838:59:59 and 2027-01-01 00:00:00.
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
            return (result, at) -> decimal(result.getBigDecimal(at), precision, scale);
        }
        return switch (type) {
            case "smallint", "integer", "bigint" -> (result, at) -> {
                long whole = result.getLong(at);
                return Cell.of(whole, Long.toString(whole));
            };
            case "numeric" -> Getters::numeric;
            case "real", "double" -> jdbcType == Types.REAL ? Getters::real : Getters::wide;
            case "boolean" -> jdbcType == Types.TINYINT ? Getters::tiny : (result, at) -> bool(result.getBoolean(at));
            case "date" -> (result, at) -> date(result.getObject(at, LocalDate.class));
            case "timestamp" -> (result, at) -> {
                LocalDateTime clock = result.getObject(at, LocalDateTime.class);
                return clock == null ? null : moment(clock);
            };
            case "timestamptz" -> (result, at) -> {
                OffsetDateTime moment = result.getObject(at, OffsetDateTime.class);
                boolean finite = moment != null && !OffsetDateTime.MAX.equals(moment)
                    && !OffsetDateTime.MIN.equals(moment);
                return moment == null ? null : !finite ? Cell.odd(moment.toString())
                    : moment(moment.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime());
            };
            case "bytes" -> (result, at) -> {
                byte[] bytes = result.getBytes(at);
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

    /** Return whether a value's trailing blanks are padding. */
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

    /** Return a number of any size; a BigDecimal holds neither NaN nor infinity. */
    private static Cell numeric(ResultSet result, int at) throws SQLException {
        try {
            BigDecimal number = result.getBigDecimal(at);
            return number == null ? null : Cell.of(number.toPlainString(), number.toString());
        } catch (SQLException | NumberFormatException error) {
            String text = result.getString(at);
            if (text == null) {
                throw error;
            }
            return Cell.of(text, text);
        }
    }

    private static Cell wide(ResultSet result, int at) throws SQLException {
        double number = result.getDouble(at);
        return Cell.of(number, Double.toString(number));
    }

    private static Cell real(ResultSet result, int at) throws SQLException {
        float number = result.getFloat(at);
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

    /** Return an address with the length of its network, which PostgreSQL's text omits for a single host. */
    private static Cell address(ResultSet result, int at) throws SQLException {
        String text = result.getString(at);
        if (text == null || text.contains("/")) {
            return text == null ? null : Cell.of(text, text);
        }
        String whole = text + (text.contains(":") ? "/128" : "/32");
        return Cell.of(whole, whole);
    }

    private static Cell tiny(ResultSet result, int at) throws SQLException {
        int number = result.getInt(at);
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

    /** Getter of a text, without the blanks that PostgreSQL pads it with. */
    private record Text(boolean isPadded) implements Getter {
        @Override
        public Cell get(ResultSet result, int at) throws SQLException {
            String text = result.getString(at);
            String bare = text != null && isPadded ? bare(text) : text;
            return bare == null ? null : Cell.of(bare, bare);
        }
    }

    /** Getter of a MySQL timestamp or time with this many fractional digits; the driver leaves out zeros. */
    private record Clock(int digits) implements Getter {
        @Override
        public Cell get(ResultSet result, int at) throws SQLException {
            String text = result.getString(at);
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

    /** Getter of an array's entries, texts or whole numbers. */
    private record Entries(boolean isWhole, boolean isPadded) implements Getter {
        @Override
        public Cell get(ResultSet result, int at) throws SQLException {
            Array array = result.getArray(at);
            if (array == null) {
                return null;
            }
            Object[] entries = (Object[]) array.getArray();
            Object[] values = new Object[entries.length];
            Object[] texts = new Object[entries.length];
            for (int n = 0; n < entries.length; n++) {
                if (entries[n] instanceof Object[]) {
                    return Cell.odd("an array of arrays");
                }
                texts[n] = entries[n] == null ? null : entry(entries[n]);
                values[n] = isWhole && entries[n] != null ? Long.valueOf(((Number) entries[n]).longValue()) : texts[n];
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
