package certificates;

import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskFailureListener;

/** Server names for the errors of tasks: the drivers' own messages rarely name the server. */
final class Servers {
    private Servers() {
    }

    /** Attach the server and the extract to any error of the Spark task that runs on this thread. */
    static void name(String host, int port, String extract) {
        TaskContext task = TaskContext.get();
        if (task != null) {
            // Spark calls listeners in reverse order, so that the newest of several servers is named first.
            TaskFailureListener naming = (context, error) -> error.addSuppressed(new ServerRead(host, port, extract));
            task.addTaskFailureListener(naming);
        }
    }
}
