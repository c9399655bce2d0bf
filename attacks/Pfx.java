import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;

/** Takes lines "read FILE PASSPHRASE" and "write FILE PASSPHRASE", tab between them. */
class Pfx {
    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] words = line.split("\t", -1);
            char[] secret = words.length > 2 ? words[2].toCharArray() : null;
            String said;
            try {
                said = words[0].equals("read") ? read(Path.of(words[1]), secret) : write(Path.of(words[1]), secret);
            } catch (Exception error) {
                said = "refuses: " + error.toString().replaceAll("\\s+", " ");
            }
            System.out.println(said);
        }
    }

    private static String read(Path file, char[] secret) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(file)) {
            store.load(stream, secret);
        }
        for (String alias : java.util.Collections.list(store.aliases())) {
            Key key = store.getKey(alias, secret);
            if (key != null && store.getCertificateChain(alias) != null) {
                return "opens";
            }
        }
        return "opens without key";
    }

    private static String write(Path file, char[] secret) throws Exception {
        Path folder = file.getParent();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        Certificate[] chain;
        try (InputStream stream = Files.newInputStream(folder.resolve("chain.pem"))) {
            chain = factory.generateCertificates(stream).toArray(new Certificate[0]);
        }
        byte[] der = Files.readAllBytes(folder.resolve("key.der"));
        Key key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, secret, chain);
        try (var stream = Files.newOutputStream(file)) {
            store.store(stream, secret);
        }
        return "written";
    }
}
