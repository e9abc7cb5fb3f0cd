package certificates;

/** Server and extract that a failed task read; attached to the task's error as a suppressed exception. */
public final class ServerRead extends Exception {
    private static final long serialVersionUID = 1;

    /** Name the server and, after a space, the extract if it is known. */
    ServerRead(String host, int port, String extract) {
        super(host + ":" + port + (extract == null ? "" : " " + extract), null, false, false);
    }
}
