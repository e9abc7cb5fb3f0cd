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
 * The certificate authorities of database servers, and no others: those on the class path, which the release brings.
 *
 * <p>Driver and executors have the release's JAR, but no folder in common, and no file at a place that both know.
 */
final class Authorities {
    private static final String PLACE = "certificates/authorities.pem";

    private Authorities() {
    }

    /** Return what makes connections to servers that one of the authorities has signed. */
    static SSLSocketFactory sockets() {
        return Held.SOCKETS;
    }

    private static final class Held {
        static final SSLSocketFactory SOCKETS = read();

        private Held() {
        }

        private static SSLSocketFactory read() {
            try (InputStream pem = Authorities.class.getClassLoader().getResourceAsStream(PLACE)) {
                if (pem == null) {
                    throw new IllegalStateException(PLACE + " is not on the class path: no server can be trusted");
                }
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                int number = 0;
                for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                    store.setCertificateEntry("authority" + number++, one);
                }
                TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(store);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, trust.getTrustManagers(), null);
                return context.getSocketFactory();
            } catch (IOException | GeneralSecurityException error) {
                throw new IllegalStateException(PLACE + " cannot be read", error);
            }
        }
    }
}
