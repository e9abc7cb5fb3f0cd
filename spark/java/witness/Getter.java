package witness;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Getter of a column's value in the current row of a result. */
interface Getter {
    /** Return the value; anything if the column is null. */
    Cell get(ResultSet result, int at) throws SQLException;
}
