package certificates;

import java.io.IOException;
import java.net.Socket;
import org.postgresql.ssl.WrappedFactory;

/** Socket factory of PostgreSQL's driver that trusts these authorities; sslmode=verify-full checks the host name. */
public final class PostgresSockets extends WrappedFactory {
    private final String extract;

    /**
     * Create the factory; the driver calls this constructor.
     *
     * @param extract the extract that the connection reads: the URL's sslfactoryarg, or null
     */
    public PostgresSockets(String extract) {
        factory = Authorities.sockets();
        this.extract = extract;
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        Servers.name(host, port, extract);
        return super.createSocket(socket, host, port, autoClose);
    }
}
