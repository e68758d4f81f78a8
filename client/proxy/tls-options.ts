/**
 * What a TLS socket of the proxy takes in before the other side has to wait. Node's own, from 22 on; it was 16 KiB before,
 * which is one record of TLS: each was waited for by itself. The types have no word for it.
 */
export const IN_HAND = { highWaterMark: 64 * 1024 };
