import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import sun.security.util.HostnameChecker;

/** Reads lines "folder host"; says of each whether JSSE trusts the chain for that host. */
class PathEngine {
    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split(" ", 2);
            Path folder = Path.of(parts[0]);
            System.out.println(folder.getFileName() + " " + answer(folder, parts[1]));
        }
    }

    private static String answer(Path folder, String host) {
        try {
            judge(folder, host);
            return "accepts";
        } catch (Exception error) {
            return "refuses: " + error.toString().replaceAll("\\s+", " ");
        }
    }

    private static void judge(Path folder, String host) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        int number = 0;
        for (Certificate root : read(factory, folder.resolve("roots.pem"))) {
            roots.setCertificateEntry("root" + number++, root);
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(roots);
        X509TrustManager manager = (X509TrustManager) managers.getTrustManagers()[0];
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate one : read(factory, folder.resolve("chain.pem"))) {
            chain.add((X509Certificate) one);
        }
        X509Certificate leaf = chain.get(0);
        boolean rsa = leaf.getPublicKey().getAlgorithm().startsWith("RSA");
        String exchange = rsa ? "ECDHE_RSA" : "ECDHE_ECDSA";
        manager.checkServerTrusted(chain.toArray(new X509Certificate[0]), exchange);
        HostnameChecker.getInstance(HostnameChecker.TYPE_TLS).match(host, leaf);
    }

    private static Collection<? extends Certificate> read(CertificateFactory factory, Path path)
            throws Exception {
        try (InputStream in = Files.newInputStream(path)) {
            return factory.generateCertificates(in);
        }
    }
}
