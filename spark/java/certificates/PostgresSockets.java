package certificates;

import java.io.IOException;
import java.net.Socket;
import org.postgresql.ssl.WrappedFactory;

/** PostgreSQL's driver takes the authorities from here; by sslmode=verify-full it also looks for the host's name. */
public final class PostgresSockets extends WrappedFactory {
    private final String extract;

    /**
     * Make it as the driver does.
     *
     * @param extract what is read by the connection: the URL's sslfactoryarg, null without one
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
