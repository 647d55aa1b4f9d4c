import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.*;
import java.nio.ByteBuffer;
import java.security.*;
import java.security.spec.AlgorithmParameterSpec;
import java.util.*;
import javax.crypto.*;
import javax.crypto.spec.*;

/** Opens values sealed by AES-SIV or AES-GCM. The first line of the input is the root key, each further one a text. */
class WeirReader {
    public static void main(String[] args) throws Exception {
        if (args.length != 4) throw new IllegalArgumentException("must have purpose, scope, epoch and entity");
        var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        var out = new PrintStream(System.out, true, UTF_8);
        byte[] key = maskKey(String.valueOf(in.readLine()), Arrays.copyOf(args, args[2].equals("1") ? 2 : 3));
        for (String text; (text = in.readLine()) != null; ) out.println(open(key, args[3], text));
    }

    static byte[] maskKey(String root, String... parts) throws Exception {
        if (!root.matches("[0-9A-Fa-f]{64}")) throw new InvalidKeyException("the key must be 64 hexadecimal digits");
        var info = new ByteArrayOutputStream();
        for (String part : parts) {
            new DataOutputStream(info).writeInt(part.getBytes(UTF_8).length);
            info.write(part.getBytes(UTF_8));
        }
        return hkdf(HexFormat.of().parseHex(root), info.toByteArray(), 32);
    }

    static String open(byte[] maskKey, String entity, String text) throws Exception {
        if (!text.matches("wr1\\.[A-Za-z0-9_-]{30,}")) throw new IllegalArgumentException("no sealed value");
        byte[] data = Base64.getUrlDecoder().decode(text.substring(4)), name = entity.getBytes(UTF_8);
        int start = data[1] < 0 ? 22 : 6; // of the payload, after a person's reference or without
        boolean exact = text.endsWith("." + Base64.getUrlEncoder().withoutPadding().encodeToString(data));
        if (data[0] != 1 || data.length < start + 16 || !exact) throw new IllegalArgumentException("no sealed value");
        byte[] associated = ByteBuffer.allocate(start + name.length).put(data, 0, start).put(name).array();
        byte[] payload = Arrays.copyOfRange(data, start, data.length);
        byte[] keyId = hkdf(maskKey, "weir/1/key-id".getBytes(UTF_8), 4);
        if (!Arrays.equals(data, 2, 6, keyId, 0, 4)) throw new InvalidKeyException("sealed under another key");
        return new String(switch (data[1] & 0x7F) {
            case 1 -> siv(hkdf(maskKey, "weir/1/token/siv".getBytes(UTF_8), 64), payload, associated);
            case 2 -> gcm(hkdf(maskKey, "weir/1/encrypt/aes-256-gcm".getBytes(UTF_8), 32), payload, associated);
            default -> throw new NoSuchAlgorithmException("sealed by an algorithm that is not known here");
        }, UTF_8);
    }

    static byte[] siv(byte[] key, byte[] payload, byte[] associated) throws Exception { // RFC 5297
        byte[] macKey = Arrays.copyOf(key, 32), iv = Arrays.copyOf(payload, 16), counter = iv.clone();
        counter[8] &= 0x7F;
        counter[12] &= 0x7F;
        byte[] value = aes("CTR", Cipher.DECRYPT_MODE, Arrays.copyOfRange(key, 32, 64), new IvParameterSpec(counter))
            .doFinal(payload, 16, payload.length - 16);
        byte[] sum = ended(doubled(cmac(macKey, new byte[16])), true, cmac(macKey, associated));
        byte[] computed = cmac(macKey, ended(value, value.length >= 16, sum));
        if (!MessageDigest.isEqual(iv, computed)) throw new AEADBadTagException("changed, or of another entity");
        return value;
    }

    static byte[] gcm(byte[] key, byte[] payload, byte[] associated) throws Exception { // NIST SP 800-38D
        if (payload.length < 28) throw new AEADBadTagException("too short");
        Cipher cipher = aes("GCM", Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, payload, 0, 12));
        cipher.updateAAD(associated);
        return cipher.doFinal(payload, 12, payload.length - 12);
    }

    static byte[] cmac(byte[] key, byte[] message) throws Exception { // RFC 4493
        Cipher cipher = aes("CBC", Cipher.ENCRYPT_MODE, key, new IvParameterSpec(new byte[16]));
        byte[] subkey = doubled(cipher.doFinal(new byte[16]));
        byte[] chain = cipher.doFinal(ended(message, message.length > 0 && message.length % 16 == 0, subkey));
        return Arrays.copyOfRange(chain, chain.length - 16, chain.length);
    }

    /** The message with the block added to its end; where it is not whole, it is padded and the double is added. */
    static byte[] ended(byte[] message, boolean whole, byte[] block) {
        byte[] out = Arrays.copyOf(message, whole ? message.length : message.length / 16 * 16 + 16);
        byte[] added = whole ? block : doubled(block);
        if (!whole) out[message.length] = (byte) 0x80;
        for (int i = 0; i < 16; i++) out[out.length - 16 + i] ^= added[i];
        return out;
    }

    static byte[] doubled(byte[] block) { // RFC 5297, section 2.3
        long high = ByteBuffer.wrap(block).getLong(0), low = ByteBuffer.wrap(block).getLong(8);
        long carried = low << 1 ^ (high < 0 ? 0x87 : 0);
        return ByteBuffer.allocate(16).putLong(high << 1 | low >>> 63).putLong(carried).array();
    }

    static Cipher aes(String mode, int direction, byte[] key, AlgorithmParameterSpec start) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/" + mode + "/NoPadding");
        cipher.init(direction, new SecretKeySpec(key, "AES"), start);
        return cipher;
    }

    static byte[] hkdf(byte[] secret, byte[] info, int length) throws Exception { // RFC 5869, up to 64 bytes
        byte[] key = hmac(new byte[32], secret), first = hmac(key, info, new byte[] {1});
        byte[] second = hmac(key, first, info, new byte[] {2});
        return Arrays.copyOf(ByteBuffer.allocate(64).put(first).put(second).array(), length);
    }

    static byte[] hmac(byte[] key, byte[]... parts) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : parts) mac.update(part);
        return mac.doFinal();
    }
}
