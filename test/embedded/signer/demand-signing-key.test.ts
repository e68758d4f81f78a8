import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { demandSigningKey } from '../../../embedded/signer/demand-signing-key.ts';
import { readOrMakeKey } from '../../../embedded/key-file/key-file.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

describe('the key that signs the audit', () => {
  const folder = inTempFolder();
  const place = () => ({ heads: folder().at('heads'), keys: { seal: folder().at('seal.pem') } });

  it('may be made where nothing is signed yet', () => {
    expect(() => demandSigningKey(place())).not.toThrow();
    mkdirSync(folder().at('heads', 'empty'), { recursive: true });
    expect(() => demandSigningKey(place())).not.toThrow();
  });

  it('is demanded where heads are signed: a new one would make all of them look forged', () => {
    mkdirSync(folder().at('heads', 'local'), { recursive: true });
    writeFileSync(folder().at('heads', 'local', '1.json'), '{}');
    expect(() => demandSigningKey(place())).toThrow(
      expect.objectContaining({
        code: 'STORE_DAMAGED',
        message: expect.stringContaining(folder().at('seal.pem')),
      }),
    );
    // and goes on with the one that has signed them
    const { length } = readOrMakeKey(
      { path: folder().at('seal.pem'), purpose: 'signs the audit' },
      () => 'a key',
    );
    expect(length).toBeGreaterThan(0);
    expect(() => demandSigningKey(place())).not.toThrow();
  });
});
