/**
 * Signs audit heads with Ed25519 (RFC 8032, pure). On AWS a KMS key of spec ECC_NIST_EDWARDS25519 with
 * algorithm ED25519_SHA_512 and MessageType RAW: at most 4,096 bytes a message.
 */
export interface Signer {
  /** The raw 32-byte public key. */
  publicKey(): Promise<Uint8Array>;
  sign(message: Uint8Array): Promise<Uint8Array>;
}
