import { digestOf, redacted } from './keyring.ts';
import type { StoredKey } from './stored.ts';

/** A key with the value that is shown once. */
export interface Minted {
  readonly key: StoredKey;
  readonly value: string;
}

/** What a key may be made with. */
export interface KeyOrder {
  readonly name: string;
  readonly expiresInSeconds?: number | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/** What makes ids and values. */
export interface MintPorts {
  readonly clock: () => Date;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** A new id that begins as OpenAI's do. */
export const newId = ({ randomBytes }: MintPorts, prefix: string): string =>
  `${prefix}${Buffer.from(randomBytes(12)).toString('hex')}`;

/** Makes a key. Its value calls itself a double: nobody takes one for a live key. */
export function mint(
  ports: MintPorts,
  kind: 'sk-admin' | 'sk-svcacct',
  { name, expiresInSeconds, scopes }: KeyOrder,
  account?: string,
): Minted {
  const createdAtMs = ports.clock().getTime();
  const value = `${kind}-double-${Buffer.from(ports.randomBytes(36)).toString('base64url')}`;
  const key: StoredKey = {
    id: newId(ports, 'key_'),
    digest: digestOf(value),
    redacted: redacted(value),
    name,
    createdAtMs,
    expiresAtMs: expiresInSeconds === undefined ? null : createdAtMs + expiresInSeconds * 1000,
    lastUsedAtSeconds: null,
    deletedAtMs: null,
    ...(account === undefined ? {} : { account }),
    ...(scopes === undefined ? {} : { scopes }),
  };
  return { key, value };
}
