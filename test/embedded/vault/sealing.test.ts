import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import { token } from '../../fakes/counted-ids.ts';
import { inTempFolder, type TempFolder } from '../../fakes/temp-folder.ts';
import { codeOf } from '../../ports/under-test.ts';
import { aVault, ROLE, SECRET } from './a-vault.ts';

const CANARY = 'not-a-real-secret-c4n4ry';
const damaged = expect.objectContaining({ code: 'VAULT_DAMAGED' });

/** A vault that holds two versions and was closed again. */
async function filled(folder: TempFolder): Promise<{ readonly path: string; readonly keyPath: string }> {
  const { vault, path, keyPath } = aVault(folder);
  const client = vault.vaultFor(ROLE);
  await client.putFirst(SECRET, token(1), new Secret(CANARY));
  await client.putPending(SECRET, token(2), new Secret(`${CANARY}-2`));
  vault.close();
  return { path, keyPath };
}

/** Changes a vault's file as somebody would who can write it and has not got the key. */
function tamper(path: string, sql: string): void {
  const connection = new Libsql(path, { timeout: 1000 });
  connection.exec(sql);
  connection.close();
}

describe('the sealing key of a vault', () => {
  const folder = inTempFolder();

  it('is made with the vault, outside of its folder', async () => {
    const { keyPath } = await filled(folder());
    expect(statSync(keyPath).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder().at('data')).filter((name) => name.includes('key'))).toEqual([]);
    expect(() => aVault(folder(), { keyPath: folder().at('data', 'vault.key') })).toThrow(
      expect.objectContaining({ code: 'STORE_FORBIDDEN' }),
    );
  });

  it('is refused when it is another one, and nothing is overwritten', async () => {
    const { path, keyPath } = await filled(folder());
    const [file, key] = [readFileSync(path), readFileSync(keyPath)];
    writeFileSync(keyPath, `${randomBytes(32).toString('base64')}\n`);
    expect(() => aVault(folder())).toThrow(damaged);
    expect(readFileSync(path).equals(file)).toBe(true);
    writeFileSync(keyPath, 'c2hvcnQ=\n');
    expect(() => aVault(folder())).toThrow(damaged);
    writeFileSync(keyPath, key);
    const { vault } = aVault(folder());
    expect((await vault.vaultFor(ROLE).read(SECRET)).value.reveal()).toBe(CANARY);
    vault.close();
  });

  it('is never made anew for a vault that has one', async () => {
    const { keyPath } = await filled(folder());
    rmSync(keyPath);
    expect(() => aVault(folder())).toThrow(expect.objectContaining({ code: 'STORE_FORBIDDEN' }));
    expect(readdirSync(folder().at('keys'))).toEqual([]);
  });

  it('is refused when others may read it', async () => {
    const { keyPath } = await filled(folder());
    chmodSync(keyPath, 0o644);
    expect(() => aVault(folder())).toThrow(expect.objectContaining({ code: 'STORE_FORBIDDEN' }));
  });

  it('cannot be replaced by taking its mark away', async () => {
    const { path, keyPath } = await filled(folder());
    tamper(path, 'DELETE FROM mark');
    rmSync(keyPath);
    expect(() => aVault(folder())).toThrow(damaged);
  });
});

describe('sealed values', () => {
  const folder = inTempFolder();

  it('lie in no file in the clear', async () => {
    await filled(folder());
    const all = Buffer.concat(
      readdirSync(folder().at('data')).map((name) => readFileSync(folder().at('data', name))),
    );
    const spellings = [
      CANARY,
      Buffer.from(CANARY).toString('base64').slice(0, 20),
      Buffer.from(CANARY).toString('hex'),
    ];
    for (const spelling of spellings) expect(all.includes(spelling)).toBe(false);
    // The search would find it: the token that stands beside the value is there.
    expect(all.includes(token(1))).toBe(true);
  });

  it('do not open in the place of another version', async () => {
    const { path } = await filled(folder());
    tamper(
      path,
      `CREATE TEMP TABLE moved AS SELECT nonce, sealed FROM version WHERE id = '${token(2)}';
      UPDATE version SET nonce = NULL, sealed = NULL WHERE id = '${token(2)}';
      UPDATE version SET nonce = (SELECT nonce FROM moved), sealed = (SELECT sealed FROM moved) WHERE id = '${token(1)}'`,
    );
    const { vault } = aVault(folder());
    expect(await codeOf(vault.vaultFor(ROLE).read(SECRET))).toBe('VAULT_DAMAGED');
    vault.close();
  });

  it('do not open for another credential', async () => {
    const { path } = await filled(folder());
    const other = `${SECRET}-other`;
    const { vault: before } = aVault(folder());
    before.createSecret(other);
    before.close();
    tamper(
      path,
      `PRAGMA foreign_keys = OFF; UPDATE version SET secret = '${other}'; UPDATE label SET secret = '${other}'`,
    );
    const { vault } = aVault(folder());
    expect(await codeOf(vault.vaultFor(ROLE).read(other))).toBe('VAULT_DAMAGED');
    vault.close();
  });
});

describe('sealed values that are damaged', () => {
  const folder = inTempFolder();

  it('are not overwritten', async () => {
    const { path } = await filled(folder());
    tamper(path, `UPDATE version SET sealed = zeroblob(length(sealed)) WHERE id = '${token(2)}'`);
    const { vault } = aVault(folder());
    const client = vault.vaultFor(ROLE);
    expect(await codeOf(client.read(SECRET, { version: token(2) }))).toBe('VAULT_DAMAGED');
    expect(await codeOf(client.putPending(SECRET, token(2), new Secret(CANARY)))).toBe('VAULT_DAMAGED');
    expect((await client.read(SECRET)).value.reveal()).toBe(CANARY);
    vault.close();
    const connection = new Libsql(path);
    const [row] = connection
      .prepare('SELECT hex(sealed) AS sealed FROM version WHERE id = ?')
      .all([token(2)]);
    expect(JSON.stringify(row)).toMatch(/"0+"/);
    connection.close();
  });

  it('use a nonce once: a random source that repeats itself is met as an error', async () => {
    const { vault } = aVault(folder(), { randomBytes: (length) => new Uint8Array(length).fill(7) });
    const client = vault.vaultFor(ROLE);
    await client.putFirst(SECRET, token(1), new Secret(CANARY));
    await expect(client.putPending(SECRET, token(2), new Secret(CANARY))).rejects.toThrow(/UNIQUE/);
    expect(await codeOf(client.read(SECRET, { version: token(2) }))).toBe('UNKNOWN_VERSION');
    vault.close();
  });
});
