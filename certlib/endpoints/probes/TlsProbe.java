import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Shakes hands as a Java client does: host, port, server name, roots or "-". */
public class TlsProbe {
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[1]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust(arguments[3]).getTrustManagers(), null);
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(arguments[0], port), 10_000);
            plain.setSoTimeout(10_000);
            SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(plain, arguments[2], port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            System.out.println("accepted");
        } catch (Exception refused) {
            Throwable cause = refused;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            System.out.println(cause.getClass().getSimpleName() + ": " + cause.getMessage());
            System.exit(1);
        }
    }

    private static TrustManagerFactory trust(String roots) throws Exception {
        TrustManagerFactory factory =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore store = null;  // that of the Java installation
        if (!roots.equals("-")) {
            store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            try (InputStream stream = new FileInputStream(roots)) {
                int number = 0;
                for (Certificate root : CertificateFactory.getInstance("X.509")
                        .generateCertificates(stream)) {
                    store.setCertificateEntry("root" + number++, root);
                }
            }
        }
        factory.init(store);
        return factory;
    }
}
