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
 * Names the files of a write by their task and nothing else: part-00003-items-c000.txt.gz.
 *
 * <p>Spark puts a number of the write into each name, another one each time. A task that is tried again, or that runs
 * twice at once, is to write the very same file. Everything but the name is done by the protocol that the session has.
 */
public final class ItemFiles extends FileCommitProtocol implements Serializable {
    /** Names the setting with the session's own protocol. */
    public static final String OWN = "spark.migration.commitProtocolClass";

    private static final long serialVersionUID = 1;
    private static final String NAME = "items";

    private final FileCommitProtocol own;

    /** Take Spark's place for the job, which makes its protocols so. */
    public ItemFiles(String job, String place, boolean dynamic) {
        super();
        if (dynamic) {
            throw new IllegalArgumentException(job + ": items are written over whole folders, not over parts of them");
        }
        own = FileCommitProtocol.instantiate(SQLConf.get().getConfString(OWN), NAME, place, false);
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
