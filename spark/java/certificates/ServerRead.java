package certificates;

/** The server that a failed task had connected to; it is no error of its own, and comes suppressed in the task's. */
public final class ServerRead extends Exception {
    private static final long serialVersionUID = 1;

    /** Name a server. */
    ServerRead(String host, int port) {
        super(host + ":" + port, null, false, false);
    }
}
