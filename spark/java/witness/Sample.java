package witness;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Sample of a clone's rows through the JDBC driver's own getters, independent of the jobs' own reading.
 *
 * <p>This class and the package `migration` do not use each other.
 */
public final class Sample {
    private static final int FETCHED_ROWS = 250;

    private final String cluster;
    private final List<Row> rows = new ArrayList<>();
    private final List<Row> all = new ArrayList<>();
    /** A transaction that ends with its block. */
    private interface Ended extends AutoCloseable {
        @Override
        void close() throws SQLException;
    }

    private final StringWriter lines = new StringWriter();
    private long characters;
    private boolean isFull;

    private Sample(String cluster) {
        this.cluster = cluster;
    }

    /**
     * Read a query's rows.
     *
     * @param cluster the first value of every row for Spark
     * @param types the catalog's type of each column of the query
     * @param budget the characters and bytes of values to hold; the read ends when they exceed it
     */
    public static Sample read(Connection connection, String cluster, String sql, String[] types, long budget)
        throws SQLException, IOException {
        connection.setAutoCommit(false); // PostgreSQL's driver holds a whole result otherwise
        // Closed last, so that a failing rollback does not replace the error that ended the read.
        try (Ended ended = connection::rollback; Statement statement = connection.createStatement()) {
            // With a cursor, MySQL sends a FLOAT as its 32 bits, not as a text of six digits.
            statement.setFetchSize(FETCHED_ROWS);
            try (ResultSet result = statement.executeQuery(sql)) {
                return new Sample(cluster).filled(result, types, budget);
            }
        }
    }

    private Sample filled(ResultSet result, String[] types, long budget) throws SQLException, IOException {
        ResultSetMetaData facts = result.getMetaData();
        Getter[] getters = new Getter[types.length];
        for (int n = 0; n < types.length; n++) {
            getters[n] = Getters.of(types[n], facts, n + 1);
        }
        try (JsonGenerator json = new JsonFactory().createGenerator(lines)) {
            while (!isFull && result.next()) {
                row(result, getters, json);
                isFull = characters > budget;
            }
        }
        return this;
    }

    private void row(ResultSet result, Getter[] getters, JsonGenerator json) throws IOException {
        Object[] values = Arrays.copyOf(new Object[] {cluster}, getters.length + 1);
        boolean odd = false;
        json.writeStartArray();
        for (int n = 0; n < getters.length; n++) {
            Cell cell = cell(result, n + 1, getters[n]);
            cell.write(json);
            values[n + 1] = cell.isOdd() ? null : cell.value();
            odd |= cell.isOdd();
            characters += cell.size();
        }
        json.writeEndArray();
        json.writeRaw('\n');
        Row row = RowFactory.create(values);
        all.add(row);
        if (!odd) {
            rows.add(row);
        }
    }

    /** Return a value, odd if the driver cannot return it as its column's type. */
    private static Cell cell(ResultSet result, int at, Getter getter) {
        try {
            Cell cell = getter.get(result, at);
            return cell == null || result.wasNull() ? Cell.NULL : cell;
        } catch (SQLException | IllegalArgumentException | ArithmeticException | DateTimeException error) {
            return Cell.odd(String.valueOf(error.getMessage()));
        }
    }

    /** Return the number of rows read. */
    public int count() {
        return all.size();
    }

    /** Return whether the budget ended the read. */
    public boolean isFull() {
        return isFull;
    }

    /** Return the rows without odd values, as Spark takes them. */
    public List<Row> rows() {
        return rows;
    }

    /** Return every row, with nulls for odd values. */
    public List<Row> all() {
        return all;
    }

    /** Return a line of JSON per row, odd rows included: an array of texts, nulls, arrays and `{"odd": text}`. */
    public String text() {
        return lines.toString();
    }
}
