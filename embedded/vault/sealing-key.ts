import { LockstepError } from '../../lambdas/core/errors.ts';
import type { RandomBytes } from '../../lambdas/core/ports/ids.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { readKey, readOrMakeKey, type KeyFile } from '../key-file/key-file.ts';
import type { SqliteDatabase } from '../sqlite/database.ts';
import { bytesOf, numberOf } from '../sqlite/row.ts';
import { Sealer } from './sealer.ts';

const KEY_BYTES = 32;
const MARK = 'key-check';

/**
 * The sealer of a vault's file. A vault without anything in it gets a new key where there is none; any
 * other is opened only by the key that it was made under (`VAULT_DAMAGED`), so that no value is ever
 * sealed under a second key.
 */
export function openSealer(database: SqliteDatabase, path: string, randomBytes: RandomBytes): Sealer {
  const file: KeyFile = { path, purpose: 'seals the vault' };
  return database.transaction(() => {
    const known = database.get('SELECT sealed FROM mark WHERE name = ?', [MARK]);
    if (!known && isInUse(database)) {
      throw new LockstepError(
        'VAULT_DAMAGED',
        'the vault holds secrets and has lost the mark of its key; restore its file',
      );
    }
    const text = known ? readKey(file) : readOrMakeKey(file, () => newKey(randomBytes));
    const sealer = new Sealer(keyBytes(path, text), randomBytes);
    if (known) demandRightKey(sealer, bytesOf(known, 'sealed'), path);
    else database.run('INSERT INTO mark (name, sealed) VALUES (?, ?)', [MARK, markOf(sealer)]);
    return sealer;
  });
}

const isInUse = (database: SqliteDatabase): boolean => {
  const row = database.get('SELECT count(*) AS secrets FROM secret');
  return row !== undefined && numberOf(row, 'secrets') > 0;
};

const newKey = (randomBytes: RandomBytes): string =>
  `${Buffer.from(randomBytes(KEY_BYTES)).toString('base64')}\n`;

function keyBytes(path: string, text: string): Uint8Array {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length === KEY_BYTES) return bytes;
  throw new LockstepError(
    'VAULT_DAMAGED',
    `the vault's key file ${path} holds no key of ${KEY_BYTES} bytes; restore it`,
  );
}

function markOf(sealer: Sealer): Uint8Array {
  const { nonce, sealed } = sealer.seal(new Secret(MARK), [MARK]);
  return Buffer.concat([nonce, sealed]);
}

function demandRightKey(sealer: Sealer, mark: Uint8Array, path: string): void {
  try {
    sealer.open({ nonce: mark.subarray(0, 12), sealed: mark.subarray(12) }, [MARK]);
  } catch (error) {
    throw new LockstepError(
      'VAULT_DAMAGED',
      `the key in ${path} is not the one this vault was made under; nothing was read or overwritten. Put the right key file back`,
      { cause: error },
    );
  }
}
