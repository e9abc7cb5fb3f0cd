package migration;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Function that returns whether a newer row of the same key supersedes a landed row; takes a bit of memory per row.
 *
 * <p>In its folder, `file=<number>/` lists the superseded rows of a landed file, a row number per line.
 */
public final class SupersededRows implements ScalarFunction<Boolean> {
    private static final DataType[] INPUT = {DataTypes.LongType, DataTypes.LongType, DataTypes.StringType};

    private transient BitSet rows; // of the file that the task reads
    private transient long file;

    @Override
    public DataType[] inputTypes() {
        return INPUT.clone();
    }

    @Override
    public DataType resultType() {
        return DataTypes.BooleanType;
    }

    @Override
    public String name() {
        return "SupersededRows";
    }

    /** Look a row up by the numbers of its file and of the row. */
    public boolean invoke(long ofFile, long row, UTF8String folder) {
        if (rows == null || file != ofFile) {
            rows = read(new Path(folder.toString(), "file=" + ofFile));
            file = ofFile;
        }
        return rows.get(Math.toIntExact(row));
    }

    // All tasks share a file system, so no task may close it.
    @SuppressWarnings("resource")
    private static BitSet read(Path folder) {
        BitSet rows = new BitSet();
        Configuration settings = SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf());
        try {
            for (FileStatus status : folder.getFileSystem(settings).listStatus(folder)) {
                read(status.getPath(), settings, rows);
            }
        } catch (FileNotFoundException none) {
            return rows; // no row of the file is superseded
        } catch (IOException error) {
            throw new UncheckedIOException(folder + " cannot be read", error);
        }
        return rows;
    }

    @SuppressWarnings("resource") // as above
    private static void read(Path path, Configuration settings, BitSet rows) throws IOException {
        try (InputStream opened = path.getFileSystem(settings).open(path);
            Reader text = new InputStreamReader(new GZIPInputStream(opened), StandardCharsets.US_ASCII);
            BufferedReader lines = new BufferedReader(text)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                rows.set(Integer.parseInt(line));
            }
        }
    }
}
