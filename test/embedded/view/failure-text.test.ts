import { describe, expect, it } from 'vitest';
import { failureText } from '../../../embedded/view/failure-text.ts';
import { inventoryError } from '../../../lambdas/contracts/inventory/index.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';

describe('a failure of npm start', () => {
  it('is our message and its code', () => {
    expect(failureText(new LockstepError('PORT_IN_USE', 'port 5432 is taken'))).toBe(
      'lockstep: port 5432 is taken (PORT_IN_USE)',
    );
  });

  it('of the inventory is every problem, and the command that looks at every environment', () => {
    const problem = { path: 'credentials.a.owner', found: 'nothing', allowed: 'an owner', mend: 'add owner' };
    const text = failureText(inventoryError([problem, { ...problem, path: 'credentials.b.owner' }]));
    expect(text).toContain('The inventory has 2 problems.');
    expect(text).toContain('2. credentials.b.owner');
    expect(text).toMatch(/add owner\n\n {2}next: .*npx lockstep inventory check/);
  });

  it('that nobody has foreseen has its name and its places, and none of its text', () => {
    const value = `sk-${'fake'.repeat(8)}`;
    const text = failureText(new RangeError(`Unexpected token in\n    ${value}\n    at ${value}`));
    expect(text).toContain('unexpected RangeError');
    expect(text).toMatch(/\n\s+at .*failure-text\.test\.ts:\d+:\d+/);
    expect(text).not.toContain(value);
  });
});
