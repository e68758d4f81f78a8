import { describe, expect, it } from 'vitest';
import { ownEntry } from '../../lambdas/core/own-entry.ts';

describe('a table that names are put into', () => {
  it.each(['constructor', 'valueOf', 'toString', '__proto__'])(
    'says nothing of %s, which nobody put there',
    (name) => {
      expect(ownEntry({ 'vector-store': 0 }, name)).toBeUndefined();
    },
  );

  it('says what was put there, under any name', () => {
    expect(ownEntry({ constructor: 0 }, 'constructor')).toBe(0);
  });
});
