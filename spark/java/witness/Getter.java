package witness;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Gets one column's value of the row that a result stands at. */
interface Getter {
    /** Return the value; null or whatever else where the column is null. */
    Cell get(ResultSet found, int at) throws SQLException;
}
