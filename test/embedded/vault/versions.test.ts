import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vault } from '../../../lambdas/core/ports/vault.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { token } from '../../fakes/counted-ids.ts';
import { ContractBreach } from '../../fakes/judge.ts';
import { MemoryVault } from '../../fakes/memory-vault.ts';
import { inTempFolder, tempFolder } from '../../fakes/temp-folder.ts';
import { codeOf } from '../../ports/under-test.ts';
import { aVault, ROLE, SECRET } from './a-vault.ts';

const value = (text: string): Secret => new Secret(`not-a-real-secret ${text}`);

describe('versions without a label', () => {
  const folder = inTempFolder();

  it('are kept for a day, and after that as long as fewer than a hundred are newer', async () => {
    const { vault, clock } = aVault(folder());
    const client = vault.vaultFor(ROLE);
    for (let number = 1; number <= 130; number += 1) {
      await client.putPending(SECRET, token(number), value(String(number)));
      await clock.advance(60);
    }
    expect(await codeOf(client.read(SECRET, { version: token(1) }))).toBe('none');
    await clock.advance(23 * 3600);
    await client.putPending(SECRET, token(131), value('131'));
    // The oldest ones are older than a day now, and those that a hundred others follow are gone.
    expect(await codeOf(client.read(SECRET, { version: token(31) }))).toBe('UNKNOWN_VERSION');
    expect(await codeOf(client.read(SECRET, { version: token(32) }))).toBe('none');
    vault.close();
  });

  it('are never forgotten while they carry one', async () => {
    const { vault, clock } = aVault(folder());
    const client = vault.vaultFor(ROLE);
    await client.putFirst(SECRET, token(1000), value('current'));
    for (let number = 1; number <= 110; number += 1)
      await client.putPending(SECRET, token(number), value(String(number)));
    await clock.advance(48 * 3600);
    await client.putPending(SECRET, token(200), value('200'));
    expect((await client.read(SECRET)).version).toBe(token(1000));
    vault.close();
  });
});

describe('the vault of a folder', () => {
  const folder = inTempFolder();

  it('is there again after it was closed, labels, ARNs and configuration included', async () => {
    const first = aVault(folder());
    const client = first.vault.vaultFor(ROLE);
    await client.putFirst(SECRET, token(1), value('first'));
    await first.vault.driven.configure(SECRET, { functionArn: 'arn', everyDays: 90 });
    await first.vault.driven.registerPending(SECRET, token(2), false);
    const before = await client.describe(SECRET);
    first.vault.close();
    const again = aVault(folder());
    expect(await again.vault.vaultFor(ROLE).describe(SECRET)).toEqual(before);
    expect(again.vault.listSecrets()).toEqual([{ name: SECRET, arn: before.arn }]);
    expect(before).toMatchObject({ rotationEnabled: true, versions: { [token(2)]: ['AWSPENDING'] } });
    again.vault.close();
  });

  it('refuses tokens and values that Secrets Manager refuses', async () => {
    const { vault } = aVault(folder());
    const client = vault.vaultFor(ROLE);
    const put = (given: string, text: string) => codeOf(client.putPending(SECRET, given, new Secret(text)));
    expect(await put('x'.repeat(31), 'v')).toBe('MALFORMED_REQUEST');
    expect(await put('x'.repeat(65), 'v')).toBe('MALFORMED_REQUEST');
    expect(await put(token(1), '')).toBe('VALUE_MALFORMED');
    expect(await put(token(1), 'ü'.repeat(32_769))).toBe('VALUE_MALFORMED');
    expect((await client.describe(SECRET)).versions).toEqual({});
    vault.close();
  });

  it('gives a token that was given up no second life', async () => {
    const { vault } = aVault(folder());
    const client = vault.vaultFor(ROLE);
    await client.putFirst(SECRET, token(1), value('first'));
    await client.putPending(SECRET, token(2), value('second'));
    await client.removePending(SECRET, token(2));
    expect(await codeOf(vault.driven.registerPending(SECRET, token(2), false))).toBe('VERSION_CONFLICT');
    expect((await client.describe(SECRET)).versions).toEqual({ [token(1)]: ['AWSCURRENT'] });
    vault.close();
  });
});

/** One call of a random history, over few tokens so that they meet. */
type Call =
  | { readonly do: 'put'; readonly token: number; readonly text: string }
  | { readonly do: 'first'; readonly token: number }
  | { readonly do: 'move'; readonly to: number; readonly from: number }
  | { readonly do: 'remove' | 'register'; readonly token: number };

const number = fc.integer({ min: 1, max: 4 });
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), token: number, text: fc.constantFrom('a', 'b') }),
  fc.record({ do: fc.constant('first' as const), token: number }),
  fc.record({ do: fc.constant('move' as const), to: number, from: number }),
  fc.record({ do: fc.constantFrom('remove' as const, 'register' as const), token: number }),
);

interface Vaults {
  readonly client: Vault;
  readonly register: (given: string) => Promise<void>;
}

function make({ client, register }: Vaults, one: Call): Promise<void> {
  switch (one.do) {
    case 'put':
      return client.putPending(SECRET, token(one.token), value(one.text));
    case 'first':
      return client.putFirst(SECRET, token(one.token), value('first'));
    case 'move':
      return client.moveCurrent(SECRET, { to: token(one.to), from: token(one.from) });
    case 'remove':
      return client.removePending(SECRET, token(one.token));
    case 'register':
      return register(token(one.token));
  }
}

describe('the embedded vault and the memory vault, written from the same rules by two hands', () => {
  it('answer every history of calls alike and lay the labels alike', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 25 }), async (calls) => {
        const folder = tempFolder();
        const { vault } = aVault(folder);
        const memory = new MemoryVault();
        memory.createSecret(SECRET);
        const one: Vaults = {
          client: vault.vaultFor(ROLE),
          register: (given) => vault.driven.registerPending(SECRET, given, false),
        };
        const other: Vaults = {
          client: memory,
          register: (given) => memory.driven.registerPending(SECRET, given, false),
        };
        try {
          for (const each of calls) {
            // The memory vault judges what the API lets pass: such a history ends there.
            const expected = await make(other, each).then(
              () => 'none',
              (error: unknown) =>
                error instanceof ContractBreach ? 'breach' : codeOf(Promise.reject(error)),
            );
            if (expected === 'breach') return;
            expect([each, await codeOf(make(one, each))]).toEqual([each, expected]);
            const [a, b] = [await one.client.describe(SECRET), await memory.describe(SECRET)];
            expect(a.versions).toEqual(b.versions);
          }
        } finally {
          vault.close();
          folder.remove();
        }
      }),
      { numRuns: 60 },
    );
  });
});
