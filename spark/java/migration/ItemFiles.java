package migration;

import java.io.Serializable;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.spark.internal.io.FileCommitProtocol;
import org.apache.spark.internal.io.FileNameSpec;
import org.apache.spark.sql.internal.SQLConf;
import scala.Option;
import scala.collection.Seq;

/**
 * Commit protocol that names a write's files only by their task, like part-00003-items-c000.txt.gz.
 *
 * <p>Spark puts a new number into every write's file names. A task that is retried, or that runs twice at once, must
 * write the very same file. The session's own protocol does everything but the naming.
 */
public final class ItemFiles extends FileCommitProtocol implements Serializable {
    /** Name of the setting that holds the session's own protocol. */
    public static final String OWN = "spark.migration.commitProtocolClass";

    private static final long serialVersionUID = 1;
    private static final String NAME = "items";

    private final FileCommitProtocol own;

    /** Create the protocol; Spark calls this constructor with these arguments. */
    public ItemFiles(String job, String folder, boolean dynamic) {
        super();
        if (dynamic) {
            throw new IllegalArgumentException(job + ": items are written over whole folders, not over parts of them");
        }
        own = FileCommitProtocol.instantiate(SQLConf.get().getConfString(OWN), NAME, folder, false);
    }

    @Override
    public void setupJob(JobContext job) {
        own.setupJob(job);
    }

    @Override
    public void commitJob(JobContext job, Seq<TaskCommitMessage> tasks) {
        own.commitJob(job, tasks);
    }

    @Override
    public void abortJob(JobContext job) {
        own.abortJob(job);
    }

    @Override
    public void setupTask(TaskAttemptContext task) {
        own.setupTask(task);
    }

    @Override
    public String newTaskTempFile(TaskAttemptContext task, Option<String> folder, String ending) {
        return newTaskTempFile(task, folder, new FileNameSpec("", ending));
    }

    @Override
    public String newTaskTempFile(TaskAttemptContext task, Option<String> folder, FileNameSpec name) {
        return own.newTaskTempFile(task, folder, name);
    }

    @Override
    public String newTaskTempFileAbsPath(TaskAttemptContext task, String folder, String ending) {
        return newTaskTempFileAbsPath(task, folder, new FileNameSpec("", ending));
    }

    @Override
    public String newTaskTempFileAbsPath(TaskAttemptContext task, String folder, FileNameSpec name) {
        return own.newTaskTempFileAbsPath(task, folder, name);
    }

    @Override
    public TaskCommitMessage commitTask(TaskAttemptContext task) {
        return own.commitTask(task);
    }

    @Override
    public void abortTask(TaskAttemptContext task) {
        own.abortTask(task);
    }

    @Override
    public boolean deleteWithJob(FileSystem files, Path path, boolean below) {
        return own.deleteWithJob(files, path, below);
    }

    @Override
    public void onTaskCommit(TaskCommitMessage task) {
        own.onTaskCommit(task);
    }
}
