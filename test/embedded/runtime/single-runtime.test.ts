import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lockFolder } from '../../../embedded/runtime/single-runtime.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

describe('the lock of a folder', () => {
  const folder = inTempFolder();
  const path = (): string => folder().at('.lockstep', 'runtime.lock');

  it('is held by one at a time, and can be had again when it was given back', () => {
    const lock = lockFolder(path());
    expect(() => lockFolder(path())).toThrow(expect.objectContaining({ code: 'FOLDER_IN_USE' }));
    lock.release();
    lockFolder(path()).release();
  });

  it('tells a folder that this user may not work in from one that is in use', () => {
    // given a file where the folder belongs: nobody can work there, whoever they are
    writeFileSync(folder().at('.lockstep'), '');
    expect(() => lockFolder(path())).toThrow(
      expect.objectContaining({
        code: 'STORE_FORBIDDEN',
        message: expect.stringContaining('may not work in'),
      }),
    );
  });

  it('names a lock that cannot be opened', () => {
    mkdirSync(path(), { recursive: true });
    expect(() => lockFolder(path())).toThrow(expect.objectContaining({ code: 'STORE_FORBIDDEN' }));
  });
});
