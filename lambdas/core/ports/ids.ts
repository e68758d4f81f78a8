/** Makes identifiers that nobody can guess or repeat: UUIDs, 122 random bits. Injected, so that tests can count on them. */
export type NewId = () => string;

/** Fills a new array with cryptographically strong random bytes. */
export type RandomBytes = (length: number) => Uint8Array;
