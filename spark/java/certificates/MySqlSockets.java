package certificates;

import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.conf.PropertySet;
import com.mysql.cj.log.Log;
import com.mysql.cj.protocol.ServerSession;
import com.mysql.cj.protocol.SocketConnection;
import com.mysql.cj.protocol.StandardSocketFactory;
import java.io.Closeable;
import java.io.IOException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Socket factory of MySQL's driver that trusts the class path's authorities; the driver itself reads only files. */
public final class MySqlSockets extends StandardSocketFactory {
    private static final String EXTRACT = "extract:";

    @Override
    public <T extends Closeable> T connect(String name, int number, PropertySet properties, int timeoutMillis)
        throws IOException {
        String attributes = properties.getStringProperty(PropertyKey.connectionAttributes).getValue();
        String extract = null;
        if (attributes != null && attributes.startsWith(EXTRACT)) {
            extract = attributes.substring(EXTRACT.length());
        }
        Servers.name(name, number, extract);
        return super.connect(name, number, properties, timeoutMillis);
    }

    @Override
    public <T extends Closeable> T performTlsHandshake(SocketConnection connection, ServerSession session)
        throws IOException {
        return performTlsHandshake(connection, session, null);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends Closeable> T performTlsHandshake(SocketConnection connection, ServerSession session, Log log)
        throws IOException {
        sslSocket = Authorities.sockets().createSocket(rawSocket, host, port, true);
        SSLSocket socket = (SSLSocket) sslSocket;
        SSLParameters wanted = socket.getSSLParameters();
        wanted.setEndpointIdentificationAlgorithm("HTTPS"); // the host's name must be in the certificate
        socket.setSSLParameters(wanted);
        socket.startHandshake();
        return (T) socket;
    }
}
