package certificates;

import org.postgresql.ssl.WrappedFactory;

/** PostgreSQL's driver takes the authorities from here; by sslmode=verify-full it also looks for the host's name. */
public final class PostgresSockets extends WrappedFactory {
    /** Make it as the driver does. */
    public PostgresSockets() {
        factory = Authorities.sockets();
    }
}
