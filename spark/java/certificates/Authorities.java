package certificates;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * Certificate authorities of database servers: only those that the release's JAR carries on the class path.
 *
 * <p>The driver and the executors share this JAR, but no folder and no known path of a file.
 */
final class Authorities {
    private static final String RESOURCE = "certificates/authorities.pem";

    private Authorities() {
    }

    /** Return the factory of sockets that accept only certificates signed by these authorities. */
    static SSLSocketFactory sockets() {
        return Held.SOCKETS;
    }

    private static final class Held {
        static final SSLSocketFactory SOCKETS = read();

        private Held() {
        }

        private static SSLSocketFactory read() {
            try (InputStream pem = Authorities.class.getClassLoader().getResourceAsStream(RESOURCE)) {
                if (pem == null) {
                    throw new IllegalStateException(RESOURCE + " is not on the class path: no server can be trusted");
                }
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                int number = 0;
                for (Certificate authority : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                    store.setCertificateEntry("authority" + number++, authority);
                }
                TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(store);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, trust.getTrustManagers(), null);
                return context.getSocketFactory();
            } catch (IOException | GeneralSecurityException error) {
                throw new IllegalStateException(RESOURCE + " cannot be read", error);
            }
        }
    }
}
