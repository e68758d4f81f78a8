import { describe, expect, it } from 'vitest';
import { acknowledgementTag, tagDigest } from '../../lambdas/core/adoption/acknowledgement-tag.ts';
import { secretName } from '../../lambdas/core/credential.ts';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import { aWorld, currentOf, expectClean, lastRotation, rotate, until } from '../simulation/stage.ts';
import { TIMES } from '../simulation/cast.ts';
import type { World } from '../simulation/world.ts';

/** Two dependents that do nothing by themselves: whatever is said in their names, a test says. */
const [API, EMBEDDER] = ['store-0-silent', 'store-1-silent'] as const;
const workloadOf = (dependent: string): string => `workload-of-${dependent}`;
const credentialOf = (dependent: string): string => dependent.split('-')[0] ?? '';

/** What a dependent sends. */
interface Proof {
  readonly credential: string;
  readonly rotation: string;
  readonly dependent: string;
  readonly expectation: string;
  readonly nonce: string;
  readonly tag: string;
}

/** A rotation that waits for both. */
async function aWaitingRotation(): Promise<World> {
  const world = await aWorld({ store: ['silent', 'silent'] });
  await rotate(world, 'store');
  await until(world, 'store', ['adopting'], 1);
  return world;
}

/** What lies in the ledger for whoever can read it. */
function expectedOf(world: World, dependent: string) {
  const id = lastRotation(world, credentialOf(dependent)).expectation ?? '';
  const row = world.stores.ledger.rows('expectation').find((each) => each.id === id);
  const found = row?.body.expected[dependent];
  if (!found) throw new RangeError(`nothing is expected of ${dependent}`);
  return { id, version: row.body.version, ...found };
}

/** A proof made of the value of a version, by whoever holds that value. */
function proofOf(world: World, dependent: string, madeFrom = expectedOf(world, dependent).version): Proof {
  const { id, version, nonce } = expectedOf(world, dependent);
  const credential = credentialOf(dependent);
  const rotation = lastRotation(world, credential).token;
  const value = world.stores.vault.valueOf(secretName('simulated', credential), madeFrom);
  if (!value) throw new RangeError(`no value of ${madeFrom}`);
  const subject = { credential, version, rotation, dependent, nonce };
  return {
    credential,
    rotation,
    dependent,
    expectation: id,
    nonce,
    tag: acknowledgementTag(value, subject),
  };
}

/** What the endpoint answers to a workload that it has authenticated. */
async function said(world: World, workload: string, proof: Proof): Promise<unknown> {
  const request = { method: 'POST', path: '/acknowledge', query: {}, body: proof };
  try {
    return await world.process.invoke((pipeline) => pipeline.answerDependent(workload, request));
  } catch (error) {
    if (isLockstepError(error)) return error.code;
    throw error;
  }
}

const works = (world: World, version: string | undefined): boolean => {
  const value = version && world.stores.vault.valueOf(secretName('simulated', 'store'), version);
  return !!value && world.stores.targetOf({ kind: 'db' }).accepts('store', value);
};

/** Who counts as moved, however long one waits. */
async function adoptersOf(world: World): Promise<readonly string[]> {
  await world.pass(2 * TIMES.deadline);
  return Object.keys(lastRotation(world, 'store').adoption);
}

type Attack = (world: World, first: string) => Promise<readonly [workload: string, proof: Proof]>;

const ATTACKS: readonly (readonly [string, Attack])[] = [
  [
    'another dependent, which holds the value, in its name',
    async (world) => [workloadOf(EMBEDDER), proofOf(world, API)],
  ],
  [
    'the dependent itself with the proof that another one made',
    async (world) => [workloadOf(API), { ...proofOf(world, EMBEDDER), dependent: API }],
  ],
  [
    'the dependent itself with the nonce of another one',
    async (world) => [workloadOf(API), { ...proofOf(world, API), nonce: expectedOf(world, EMBEDDER).nonce }],
  ],
  [
    'the dependent itself, which holds only the version before',
    async (world, first) => [workloadOf(API), proofOf(world, API, first)],
  ],
  [
    'a reader of the ledger, who sends the digest that lies there',
    async (world) => [workloadOf(API), { ...proofOf(world, API), tag: expectedOf(world, API).tagDigest }],
  ],
  [
    'a reader of the ledger, who sends the digest of that digest',
    async (world) => [
      workloadOf(API),
      { ...proofOf(world, API), tag: tagDigest(expectedOf(world, API).tagDigest) },
    ],
  ],
  ['a stranger who has seen the proof', async (world) => ['a-stranger', proofOf(world, API)]],
];

describe('a forged acknowledgement', () => {
  it.each(ATTACKS)('by %s is refused and counted, and nothing retires', async (_who, attack) => {
    const world = await aWaitingRotation();
    const first = lastRotation(world, 'store').predecessor?.version ?? '';

    expect(await said(world, ...(await attack(world, first)))).toBe('ACKNOWLEDGEMENT_REFUSED');

    expect(world.stores.metrics.total('lockstep_acknowledgements', { outcome: 'refused' })).toBe(1);
    expect(await adoptersOf(world)).toEqual([]);
    expect([works(world, first), works(world, currentOf(world, 'store'))]).toEqual([true, true]);
    expectClean(world);
  });
});

describe('a true acknowledgement', () => {
  it('counts once, however often it is replayed', async () => {
    const world = await aWaitingRotation();
    const proof = proofOf(world, API);
    expect(await said(world, workloadOf(API), proof)).toEqual({ adopted: true, repeated: false });
    await world.pass(5);
    const { adoption } = lastRotation(world, 'store');

    expect(await said(world, workloadOf(API), proof)).toEqual({ adopted: true, repeated: true });

    await world.pass(5);
    expect(lastRotation(world, 'store').adoption).toEqual(adoption);
    expect(Object.keys(adoption)).toEqual([API]);
  });

  it('of one rotation is none of the next one', async () => {
    const silent = 'hook-0-silent';
    const world = await aWorld({ hook: ['silent'] });
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);
    const proof = proofOf(world, silent);
    await said(world, workloadOf(silent), proof);
    await until(world, 'hook', ['retired']);
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);

    const { id, nonce } = expectedOf(world, silent);
    const { token: rotation } = lastRotation(world, 'hook');
    const named = { ...proof, rotation, expectation: id, nonce };
    expect(await said(world, workloadOf(silent), named)).toBe('ACKNOWLEDGEMENT_REFUSED');
    // as it was, it is the repeat of one that had its time
    await said(world, workloadOf(silent), proof);

    await world.pass(2 * TIMES.deadline);
    expect(lastRotation(world, 'hook').adoption).toEqual({});
  });

  it('of the successor is none of the return to the predecessor', async () => {
    const world = await aWaitingRotation();
    const [api, embedder] = [proofOf(world, API), proofOf(world, EMBEDDER)];
    await said(world, workloadOf(API), api);
    await said(world, workloadOf(EMBEDDER), embedder);
    await world.order({ order: 'roll-back', credential: 'store', reason: 'a test' });
    await until(world, 'store', ['rolling-back'], 1);
    await world.pass(10);

    expect(await said(world, workloadOf(API), api)).toBe('ACKNOWLEDGEMENT_REFUSED');
    const { id, nonce } = expectedOf(world, API);
    const renamed = { ...api, expectation: id, nonce };
    expect(await said(world, workloadOf(API), renamed)).toBe('ACKNOWLEDGEMENT_REFUSED');
    expect(lastRotation(world, 'store').rollback?.returned).toEqual({});
  });

  it('before promotion is not yet one: nobody reads that version', async () => {
    const world = await aWorld({ store: ['silent', 'silent'] });
    const promotion = world.standstills.at('vault.moveCurrent');
    await rotate(world, 'store');
    expect(promotion.isReached).toBe(true);

    expect(await said(world, workloadOf(API), proofOf(world, API))).toBe('NOT_YET');

    promotion.goOn();
    expect(await adoptersOf(world)).toEqual([]);
  });
});

describe('one that has moved and one that has not', () => {
  it.each(['silent', 'liar'] as const)(
    'retire nothing, for as long as it takes: the second one is %s',
    async (habit) => {
      const world = await aWorld({ store: ['prompt', habit], hook: ['prompt', habit] });
      const firsts = [currentOf(world, 'store'), currentOf(world, 'hook')];
      await rotate(world, 'store');
      await rotate(world, 'hook');

      await world.pass(20 * TIMES.deadline);

      expect(Object.keys(lastRotation(world, 'store').adoption)).toEqual(['store-0-prompt']);
      expect(Object.keys(lastRotation(world, 'hook').adoption)).toEqual(['hook-0-prompt']);
      expect([lastRotation(world, 'store').phase, lastRotation(world, 'hook').phase]).toEqual([
        'adopting',
        'adopting',
      ]);
      expect([works(world, firsts[0]), works(world, currentOf(world, 'store'))]).toEqual([true, true]);
      // and no other rotation begins, which would take the first one's place
      expect(await world.order({ order: 'rotate', credential: 'store', reason: 'again' })).toMatch(
        /^(HELD|PREDECESSOR_IN_USE)/,
      );
      expectClean(world);
    },
  );
});
