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
 * Rows of a clone as the JDBC driver's own getters give them: nothing of the jobs' reading is in them.
 *
 * <p>Nothing of the package `migration` is used here, and nothing of it uses this.
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
     * @param cluster what every row for Spark begins with
     * @param types the catalog's type of each column of the query
     * @param budget how many characters and bytes of values are held; rows beyond it are not read
     */
    public static Sample read(Connection connection, String cluster, String sql, String[] types, long budget)
        throws SQLException, IOException {
        connection.setAutoCommit(false); // PostgreSQL's driver holds a whole result otherwise
        // Closed last, so that what ends a read is not replaced by a rollback that fails as well.
        try (Ended ended = connection::rollback; Statement statement = connection.createStatement()) {
            // With a cursor, MySQL sends a FLOAT as its 32 bits and not as a text of six digits.
            statement.setFetchSize(FETCHED_ROWS);
            try (ResultSet found = statement.executeQuery(sql)) {
                return new Sample(cluster).filled(found, types, budget);
            }
        }
    }

    private Sample filled(ResultSet found, String[] types, long budget) throws SQLException, IOException {
        ResultSetMetaData facts = found.getMetaData();
        Getter[] getters = new Getter[types.length];
        for (int n = 0; n < types.length; n++) {
            getters[n] = Getters.of(types[n], facts, n + 1);
        }
        try (JsonGenerator json = new JsonFactory().createGenerator(lines)) {
            while (!isFull && found.next()) {
                row(found, getters, json);
                isFull = characters > budget;
            }
        }
        return this;
    }

    private void row(ResultSet found, Getter[] getters, JsonGenerator json) throws IOException {
        Object[] values = Arrays.copyOf(new Object[] {cluster}, getters.length + 1);
        boolean odd = false;
        json.writeStartArray();
        for (int n = 0; n < getters.length; n++) {
            Cell cell = cell(found, n + 1, getters[n]);
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

    /** Return a value; what the driver cannot give as its type is odd. */
    private static Cell cell(ResultSet found, int at, Getter getter) {
        try {
            Cell cell = getter.get(found, at);
            return cell == null || found.wasNull() ? Cell.NULL : cell;
        } catch (SQLException | IllegalArgumentException | ArithmeticException | DateTimeException error) {
            return Cell.odd(String.valueOf(error.getMessage()));
        }
    }

    /** Return how many rows were read. */
    public int count() {
        return all.size();
    }

    /** Tell whether rows were left out since those before them are large. */
    public boolean isFull() {
        return isFull;
    }

    /** Return the rows whose values are all of their types, as Spark takes them. */
    public List<Row> rows() {
        return rows;
    }

    /** Return every row, with nulls for what is odd. */
    public List<Row> all() {
        return all;
    }

    /** Return a line of JSON for every row, odd ones too: an array of texts, nulls, arrays and `{"odd": text}`. */
    public String text() {
        return lines.toString();
    }
}
