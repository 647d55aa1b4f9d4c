import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** Opens AES-256-GCM-SIV (RFC 8452) with Java 17 alone. It multiplies bit by bit, for reading and for few values. */
class GcmSiv {
    static final BigInteger MODULUS = BigInteger.ONE.setBit(128).setBit(127).setBit(126).setBit(121);

    /** The value of a payload: nonce (12 bytes), ciphertext, tag (16). */
    static byte[] open(byte[] key, byte[] payload, byte[] associated) throws Exception {
        int end = payload.length - 16;
        if (end < 12) throw new AEADBadTagException("too short");
        byte[] nonce = Arrays.copyOf(payload, 12), tag = Arrays.copyOfRange(payload, end, end + 16);
        byte[] keys = keys(key, nonce), cipherKey = Arrays.copyOfRange(keys, 16, 48);
        byte[] value = decrypted(cipherKey, tag, Arrays.copyOfRange(payload, 12, end));
        byte[] sum = polyval(Arrays.copyOf(keys, 16), blocks(associated, value));
        for (int i = 0; i < 12; i++) sum[i] ^= nonce[i];
        sum[15] &= 0x7F;
        byte[] computed = aes(cipherKey, sum);
        if (!MessageDigest.isEqual(tag, computed)) throw new AEADBadTagException("changed, or of another entity");
        return value;
    }

    /** The keys of a nonce (section 4): 16 bytes for POLYVAL, 32 bytes for AES. */
    static byte[] keys(byte[] key, byte[] nonce) throws Exception {
        ByteBuffer counters = zeros(96), keys = zeros(48);
        for (int i = 0; i < 6; i++) counters.putInt(i).put(nonce);
        byte[] encrypted = aes(key, counters.array());
        for (int i = 0; i < 6; i++) keys.put(encrypted, 16 * i, 8);
        return keys.array();
    }

    static byte[] decrypted(byte[] key, byte[] tag, byte[] text) throws Exception {
        ByteBuffer counters = zeros(filled(text.length));
        int first = zeros(16).put(tag).getInt(0);
        for (int i = 0; counters.hasRemaining(); i++)
            counters.putInt(first + i).put(tag, 4, 11).put((byte) (tag[15] | 0x80));
        byte[] stream = aes(key, counters.array());
        for (int i = 0; i < text.length; i++) text[i] ^= stream[i];
        return text;
    }

    /** What the tag is made of: both texts, each filled with zeros to whole blocks, and their lengths in bits. */
    static byte[] blocks(byte[] associated, byte[] value) {
        int middle = filled(associated.length), end = middle + filled(value.length);
        ByteBuffer out = zeros(end + 16).put(0, associated).put(middle, value);
        return out.putLong(end, 8L * associated.length).putLong(end + 8, 8L * value.length).array();
    }

    /** Section 3: polynomials over two elements, the lowest bit first; each product is divided by x**128. */
    static byte[] polyval(byte[] key, byte[] blocks) {
        BigInteger factor = number(key), sum = BigInteger.ZERO;
        for (int i = 0; i < blocks.length; i += 16) {
            BigInteger term = sum.xor(number(Arrays.copyOfRange(blocks, i, i + 16)));
            sum = BigInteger.ZERO;
            for (int bit = 0; bit < 128; bit++) {
                if (term.testBit(bit)) sum = sum.xor(factor);
                sum = (sum.testBit(0) ? sum.xor(MODULUS) : sum).shiftRight(1);
            }
        }
        return zeros(16).putLong(sum.longValue()).putLong(sum.shiftRight(64).longValue()).array();
    }

    static BigInteger number(byte[] block) {
        ByteBuffer words = zeros(16).put(0, block);
        return new BigInteger(1, ByteBuffer.allocate(16).putLong(words.getLong(8)).putLong(words.getLong(0)).array());
    }

    static byte[] aes(byte[] key, byte[] blocks) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return cipher.doFinal(blocks);
    }

    static ByteBuffer zeros(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    static int filled(int length) {
        return (length + 15) / 16 * 16;
    }
}
