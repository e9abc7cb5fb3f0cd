package certificates;

import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskFailureListener;

/** Names the server that a task reads in the error that ends the task: a driver's words rarely say whose they are. */
final class Servers {
    private Servers() {
    }

    /** Let an error of this thread's task, if it has one, carry the server that it connects to now, and why. */
    static void name(String host, int port, String extract) {
        TaskContext task = TaskContext.get();
        if (task != null) {
            // Listeners are called in reverse order: of several servers, the last one is named first.
            TaskFailureListener naming = (context, error) -> error.addSuppressed(new ServerRead(host, port, extract));
            task.addTaskFailureListener(naming);
        }
    }
}
