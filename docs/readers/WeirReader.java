import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Opens what Weir's masks `token` and `encrypt` make, with Java 17 alone. The format is described in docs/envelope.md.
 *
 * <pre>java WeirReader.java weir/1/token segment:support 1 EMAIL_ADDRESS &lt; keys-and-texts</pre>
 *
 * The arguments are purpose, scope, epoch and entity. The first line of the input is the root key of the epoch in
 * hexadecimal digits (or a person's key, with epoch 1), each further line a text. It writes the value of each text.
 */
public class WeirReader {
    public static void main(String[] args) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        var out = new PrintStream(System.out, true, UTF_8);
        byte[] key = derive(HexFormat.of().parseHex(in.readLine().strip()), args[0], args[1], Integer.parseInt(args[2]));
        for (String text; (text = in.readLine()) != null; ) out.println(open(key, args[3], text));
    }

    static String open(byte[] key, String entity, String text) throws GeneralSecurityException {
        byte[] data = Base64.getUrlDecoder().decode(text.substring(4));
        String written = "wr1." + Base64.getUrlEncoder().withoutPadding().encodeToString(data);
        if (!written.equals(text) || data[0] != 1) throw new IllegalArgumentException("not a sealed value of version 1");
        byte[] header = Arrays.copyOf(data, (data[1] & 0x80) == 0 ? 6 : 22);
        if (!Arrays.equals(Arrays.copyOfRange(header, 2, 6), hkdf(key, "weir/1/key-id".getBytes(UTF_8), 4)))
            throw new IllegalArgumentException("sealed under another key");
        byte[] payload = Arrays.copyOfRange(data, header.length, data.length);
        byte[] associated = join(header, entity.getBytes(UTF_8));
        return new String(switch (data[1] & 0x7F) {
            case 1 -> siv(hkdf(key, "weir/1/token/siv".getBytes(UTF_8), 64), payload, associated);
            case 2 -> gcm(hkdf(key, "weir/1/encrypt/aes-256-gcm".getBytes(UTF_8), 32), payload, associated);
            case 3 -> gcmSiv(hkdf(key, "weir/1/encrypt/aes-256-gcm-siv".getBytes(UTF_8), 32), payload, associated);
            default -> throw new IllegalArgumentException("unknown algorithm");
        }, UTF_8);
    }

    /** The key of a mask in a scope and epoch: each part of the information has its length before it. */
    static byte[] derive(byte[] root, String purpose, String scope, int epoch) throws GeneralSecurityException {
        byte[] info = {};
        for (String part : epoch == 1 ? new String[] {purpose, scope} : new String[] {purpose, scope, "" + epoch}) {
            byte[] bytes = part.getBytes(UTF_8);
            info = join(info, ByteBuffer.allocate(4).putInt(bytes.length).array(), bytes);
        }
        return hkdf(root, info, 32);
    }

    /** HKDF-SHA-256 without salt (RFC 5869). */
    static byte[] hkdf(byte[] secret, byte[] info, int length) throws GeneralSecurityException {
        byte[] prk = hmac(new byte[32], secret), block = {}, out = {};
        for (byte i = 1; out.length < length; i++) out = join(out, block = hmac(prk, join(block, info, new byte[] {i})));
        return Arrays.copyOf(out, length);
    }

    /** AES-GCM (SP 800-38D): nonce, ciphertext, tag. */
    static byte[] gcm(byte[] key, byte[] payload, byte[] associated) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, payload, 0, 12));
        cipher.updateAAD(associated);
        return cipher.doFinal(payload, 12, payload.length - 12);
    }

    /** AES-SIV (RFC 5297) with one associated string: synthetic IV, ciphertext. */
    static byte[] siv(byte[] key, byte[] payload, byte[] associated) throws GeneralSecurityException {
        byte[] mac = Arrays.copyOf(key, 32), iv = Arrays.copyOf(payload, 16), counter = iv.clone();
        counter[8] &= 0x7F;
        counter[12] &= 0x7F;
        byte[] text = Arrays.copyOfRange(payload, 16, payload.length);
        byte[] plain = aes("CTR", Arrays.copyOfRange(key, 32, 64), counter, text);
        byte[] state = xorEnd(doubled(cmac(mac, new byte[16])), cmac(mac, associated));
        byte[] last = plain.length >= 16 ? xorEnd(plain, state) : xorEnd(padded(plain), doubled(state));
        return checked(plain, cmac(mac, last), iv);
    }

    /** AES-CMAC (RFC 4493). */
    static byte[] cmac(byte[] key, byte[] message) throws GeneralSecurityException {
        byte[] subkey = doubled(aes("CBC", key, new byte[16], new byte[16]));
        boolean whole = message.length > 0 && message.length % 16 == 0;
        byte[] blocks = xorEnd(whole ? message : padded(message), whole ? subkey : doubled(subkey));
        byte[] chain = aes("CBC", key, new byte[16], blocks);
        return Arrays.copyOfRange(chain, chain.length - 16, chain.length);
    }

    /** AES-GCM-SIV (RFC 8452): nonce, ciphertext, tag. */
    static byte[] gcmSiv(byte[] key, byte[] payload, byte[] associated) throws GeneralSecurityException {
        byte[] nonce = Arrays.copyOf(payload, 12), keys = {};
        for (byte i = 0; i < 6; i++)
            keys = join(keys, Arrays.copyOf(block(key, join(new byte[] {i, 0, 0, 0}, nonce)), 8));
        int end = payload.length - 16;
        byte[] encryption = Arrays.copyOfRange(keys, 16, 48), tag = Arrays.copyOfRange(payload, end, payload.length);
        byte[] plain = Arrays.copyOfRange(payload, 12, end), counter = tag.clone();
        counter[15] |= (byte) 0x80;
        ByteBuffer number = ByteBuffer.wrap(counter).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < plain.length; i += 16, number.putInt(0, number.getInt(0) + 1)) {
            byte[] stream = block(encryption, counter);
            for (int j = i; j < Math.min(i + 16, plain.length); j++) plain[j] ^= stream[j - i];
        }
        byte[] bits = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN)
            .putLong(8L * associated.length).putLong(8L * plain.length).array();
        byte[] sum = polyval(Arrays.copyOf(keys, 16), join(filled(associated), filled(plain), bits));
        for (int i = 0; i < 12; i++) sum[i] ^= nonce[i];
        sum[15] &= 0x7F;
        return checked(plain, block(encryption, sum), tag);
    }

    /** POLYVAL (RFC 8452, section 3): sums and products of polynomials, the lowest bit first, divided by x**128. */
    static byte[] polyval(byte[] key, byte[] data) {
        BigInteger factor = number(key), sum = BigInteger.ZERO;
        BigInteger modulus = BigInteger.ONE.setBit(128).setBit(127).setBit(126).setBit(121);
        for (int i = 0; i < data.length; i += 16) {
            BigInteger term = sum.xor(number(Arrays.copyOfRange(data, i, i + 16)));
            sum = BigInteger.ZERO;
            for (int bit = 0; bit < 128; bit++) {
                if (term.testBit(bit)) sum = sum.xor(factor);
                sum = (sum.testBit(0) ? sum.xor(modulus) : sum).shiftRight(1);
            }
        }
        byte[] out = new byte[16];
        for (int i = 0; i < 16; i++) out[i] = sum.shiftRight(8 * i).byteValue();
        return out;
    }

    static byte[] checked(byte[] plain, byte[] computed, byte[] stated) throws GeneralSecurityException {
        if (!MessageDigest.isEqual(computed, stated)) throw new AEADBadTagException("changed, or of another entity");
        return plain;
    }

    static byte[] aes(String mode, byte[] key, byte[] iv, byte[] data) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/" + mode + "/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
        return cipher.doFinal(data);
    }

    static byte[] block(byte[] key, byte[] data) throws GeneralSecurityException {
        return aes("CBC", key, new byte[16], data);
    }

    static byte[] hmac(byte[] key, byte[] message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message);
    }

    /** Multiplication by x (RFC 5297, section 2.3). */
    static byte[] doubled(byte[] block) {
        byte[] out = new byte[16];
        for (int i = 0; i < 16; i++) out[i] = (byte) (block[i] << 1 | (i < 15 ? (block[i + 1] & 0xFF) >> 7 : 0));
        if (block[0] < 0) out[15] ^= (byte) 0x87;
        return out;
    }

    static byte[] xorEnd(byte[] data, byte[] block) {
        byte[] out = data.clone();
        for (int i = 0; i < 16; i++) out[out.length - 16 + i] ^= block[i];
        return out;
    }

    /** One bit and zeros up to whole blocks. */
    static byte[] padded(byte[] data) {
        byte[] out = Arrays.copyOf(data, (data.length / 16 + 1) * 16);
        out[data.length] = (byte) 0x80;
        return out;
    }

    /** Zeros up to whole blocks. */
    static byte[] filled(byte[] data) {
        return Arrays.copyOf(data, (data.length + 15) / 16 * 16);
    }

    static BigInteger number(byte[] littleEndian) {
        BigInteger out = BigInteger.ZERO;
        for (int i = 15; i >= 0; i--) out = out.shiftLeft(8).or(BigInteger.valueOf(littleEndian[i] & 0xFF));
        return out;
    }

    static byte[] join(byte[]... parts) {
        ByteBuffer out = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) out.put(part);
        return out.array();
    }
}
