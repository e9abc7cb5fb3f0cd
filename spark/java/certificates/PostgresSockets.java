package certificates;

import java.io.IOException;
import java.net.Socket;
import org.postgresql.ssl.WrappedFactory;

/** PostgreSQL's driver takes the authorities from here; by sslmode=verify-full it also looks for the host's name. */
public final class PostgresSockets extends WrappedFactory {
    /** Make it as the driver does. */
    public PostgresSockets() {
        factory = Authorities.sockets();
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        Servers.name(host, port);
        return super.createSocket(socket, host, port, autoClose);
    }
}
