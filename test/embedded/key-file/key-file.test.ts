import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { demandOutside, readKey, readOrMakeKey } from '../../../embedded/key-file/key-file.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const forbidden = expect.objectContaining({ code: 'STORE_FORBIDDEN' });

describe('a key file', () => {
  const folder = inTempFolder();
  const key = () => ({ path: folder().at('keys', 'vault.key'), purpose: 'seals the vault' });

  it('is made once, for this user alone', () => {
    expect(readOrMakeKey(key(), () => 'first')).toBe('first');
    expect(readOrMakeKey(key(), () => 'second')).toBe('first');
    expect(statSync(key().path).mode & 0o777).toBe(0o600);
    expect(statSync(folder().at('keys')).mode & 0o777).toBe(0o700);
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o601])('is refused with mode %o: others may have read it', (mode) => {
    readOrMakeKey(key(), () => 'first');
    chmodSync(key().path, mode);
    expect(() => readOrMakeKey(key(), () => 'second')).toThrow(forbidden);
    expect(readFileSync(key().path, 'utf8')).toBe('first');
    chmodSync(key().path, 0o400);
    expect(readKey(key())).toBe('first');
  });

  it('is missed by name where it has to be there', () => {
    expect(() => readKey(key())).toThrow(forbidden);
  });

  it('is named where it cannot be made', () => {
    writeFileSync(folder().at('keys'), 'a file where the folder belongs');
    expect(() => readOrMakeKey(key(), () => 'first')).toThrow(forbidden);
  });
});

describe('the place of a key file', () => {
  const folder = inTempFolder();
  const check = (path: string): void =>
    demandOutside({ path, purpose: 'seals the vault' }, folder().at('data'));

  it('is outside of what the key protects', () => {
    mkdirSync(folder().at('data'));
    mkdirSync(folder().at('data', '..not-above'));
    for (const inside of ['vault.key', 'keys/vault.key', '..not-above/vault.key'])
      expect(() => check(folder().at('data', inside))).toThrow(forbidden);
    for (const outside of ['vault.key', 'keys/vault.key', 'data-keys/vault.key'])
      expect(() => check(folder().at(outside))).not.toThrow();
  });

  it('is where links lead to', () => {
    mkdirSync(folder().at('data', 'keys'), { recursive: true });
    symlinkSync(folder().at('data', 'keys'), folder().at('elsewhere'));
    expect(() => check(folder().at('elsewhere', 'vault.key'))).toThrow(forbidden);
  });
});
