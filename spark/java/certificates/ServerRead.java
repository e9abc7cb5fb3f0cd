package certificates;

/** What a failed task read of which server; it is no error of its own, and comes suppressed in the task's. */
public final class ServerRead extends Exception {
    private static final long serialVersionUID = 1;

    /** Name a server, and after a space the extract, where it is known. */
    ServerRead(String host, int port, String extract) {
        super(host + ":" + port + (extract == null ? "" : " " + extract), null, false, false);
    }
}
