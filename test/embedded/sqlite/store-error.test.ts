import { describe, expect, it } from 'vitest';
import { namedError, type StoreNaming } from '../../../embedded/sqlite/store-error.ts';

const naming = (parts: Partial<StoreNaming> = {}): StoreNaming => ({
  name: 'the ledger',
  path: '/w/.lockstep/stores/ledger.sqlite',
  unavailable: 'LEDGER_UNAVAILABLE',
  damaged: 'STORE_DAMAGED',
  ...parts,
});

describe('the word about a damaged file', () => {
  it('never advises to go on without what others refer to', () => {
    const { message } = namedError(naming(), 'damaged', 'SQLITE_CORRUPT');
    expect(message).toContain(
      '/w/.lockstep/stores/ledger.sqlite is damaged (SQLITE_CORRUPT); it was left as it is',
    );
    expect(message).toContain('remove .lockstep and .lockstep-keys together');
    expect(message).not.toContain('move it away');
  });

  it('says of a store that can be done without that it may be moved away', () => {
    const { message } = namedError(naming({ isExpendable: true }), 'damaged', 'SQLITE_CORRUPT');
    expect(message).toContain('move it away: what waited in it is asked for again');
  });
});
