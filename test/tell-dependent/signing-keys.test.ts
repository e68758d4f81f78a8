import { describe, expect, it } from 'vitest';
import { create } from '../../lambdas/core/ports/ledger.ts';
import { PHASES, type Phase, type Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { signingKeys } from '../../lambdas/tell-dependent/signing-keys.ts';
import { aRotation } from '../core/rotation/a-rotation.ts';
import { token } from '../fakes/counted-ids.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MemoryVault } from '../fakes/memory-vault.ts';

const [OLD, NEW] = [token(1), token(2)];
const SECRET = 'lockstep/test/hook-key';
const keyOf = (version: string): Secret => new Secret(JSON.stringify({ secret: `whsec_${version}` }));

/** A signing key of which two versions are in the vault, and what the ledger knows of its rotation. */
async function aKey(
  current: 'old' | 'new',
  rotation?: { readonly phase: Phase; readonly facts?: Partial<Rotation> },
) {
  const vault = new MemoryVault();
  vault.createSecret(SECRET);
  await vault.putFirst(SECRET, OLD, keyOf(OLD));
  await vault.putPending(SECRET, NEW, keyOf(NEW));
  if (current === 'new') await vault.moveCurrent(SECRET, { to: NEW, from: OLD });
  const ledger = new MemoryLedger();
  if (rotation) {
    const known = aRotation(rotation.phase, {
      token: NEW,
      predecessor: { version: OLD, key: 'old' },
      successor: { version: NEW, key: 'new' },
      ...rotation.facts,
    });
    await ledger.commit([
      create('credential', 'hook-key', 'state', { fence: 1, active: NEW }),
      create('rotation', 'hook-key', NEW, known),
    ]);
  }
  return { environment: 'test', ledger, vault };
}

async function signedWith(...key: Parameters<typeof aKey>): Promise<readonly string[]> {
  const names: Readonly<Record<string, string>> = { [`whsec_${OLD}`]: 'old', [`whsec_${NEW}`]: 'new' };
  const keys = await signingKeys(await aKey(...key), 'hook-key');
  return keys.map((secret) => names[secret.reveal()] ?? 'something else');
}

/** What is signed with while the vault has each of the two as the current one. */
const SIGNED_WITH: Readonly<Record<Phase, readonly [old: string, now: string]>> = {
  requested: ['old', 'new'],
  issued: ['old', 'new'],
  installed: ['old', 'new'],
  // The vault may have moved the label before the ledger knows: then receivers hold the predecessor.
  verified: ['old', 'new old'],
  failed: ['old', 'new old'],
  promoted: ['old new', 'new old'],
  adopting: ['old new', 'new old'],
  adopted: ['old new', 'new old'],
  disabled: ['old', 'new'],
  retired: ['old', 'new'],
  abandoned: ['old', 'new'],
  'rolling-back': ['old new', 'new old'],
  'rolled-back': ['old', 'new'],
};

describe('a notice is signed', () => {
  it('with the current key alone where nothing rotates', async () => {
    expect(await signedWith('old')).toEqual(['old']);
  });

  it.each(PHASES)('with the keys that receivers may know while the rotation is %s', async (phase) => {
    const [old, now] = SIGNED_WITH[phase];
    expect((await signedWith('old', { phase })).join(' ')).toBe(old);
    expect((await signedWith('new', { phase })).join(' ')).toBe(now);
  });

  it('after a breach with the leaked key only until every receiver has moved', async () => {
    const facts = { cause: 'breach' } as const;
    expect(await signedWith('new', { phase: 'adopting', facts })).toEqual(['new', 'old']);
    expect(await signedWith('new', { phase: 'adopted', facts })).toEqual(['new']);
  });
});

describe('a value that is no signing key', () => {
  it.each([
    'not json at all, hunter2',
    '"hunter2"',
    'null',
    '{"secret":7}',
    '{"secret":"hunter2"}',
    '{"key":"hunter2"}',
  ])('is refused and not quoted: %s', async (value) => {
    const { vault, ...ports } = await aKey('old');
    vault.read = () => Promise.resolve({ version: OLD, labels: ['AWSCURRENT'], value: new Secret(value) });
    const refused = signingKeys({ ...ports, vault }, 'hook-key');
    await expect(refused).rejects.toMatchObject({ code: 'VALUE_MALFORMED' });
    const said = await refused.catch((error: unknown) => JSON.stringify(error) + String(error));
    expect(said).not.toContain('hunter2');
  });
});
