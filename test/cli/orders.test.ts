import { beforeEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { aStatus } from './a-connection.ts';
import { CommandLine } from './a-command-line.ts';

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
});

describe('an order', () => {
  it.each([
    [
      "rotate vector-store --reason 'a test'",
      { order: 'rotate', credential: 'vector-store', reason: 'a test' },
    ],
    ["hold vector-store --reason 'a test'", { order: 'hold', credential: 'vector-store', reason: 'a test' }],
    [
      "release vector-store --reason 'a test'",
      { order: 'release', credential: 'vector-store', reason: 'a test' },
    ],
    [
      "force vector-store --dependent embedder rag-api embedder --reason 'a test'",
      { order: 'force', credential: 'vector-store', dependents: ['embedder', 'rag-api'], reason: 'a test' },
    ],
    [
      "force vector-store --dependent embedder --dependent rag-api --reason 'a test'",
      { order: 'force', credential: 'vector-store', dependents: ['embedder', 'rag-api'], reason: 'a test' },
    ],
    [
      "roll-back vector-store --reason 'a test'",
      { order: 'roll-back', credential: 'vector-store', reason: 'a test' },
    ],
    ["redrive --reason 'a test'", { order: 'redrive', reason: 'a test' }],
    [
      "redrive vector-store --reason 'a test'",
      { order: 'redrive', credential: 'vector-store', reason: 'a test' },
    ],
    [
      "revoke vector-store --breach --reason 'a test'",
      { order: 'revoke-breach', credential: 'vector-store', reason: 'a test' },
    ],
    ['adopt fresh-key --issue', { order: 'adopt', credential: 'fresh-key', value: 'issue' }],
    ['page --test', { order: 'page-test' }],
  ])('is given as it was meant: %s', async (words, order) => {
    expect(await line.run(words)).toBe(0);
    expect(line.pipeline.orders).toEqual([order]);
    expect(line.output).toContain(`${order.order} was taken`);
  });
});

describe('the answer to an order', () => {
  it('answers programs with what was said, the facts, and how it was reached', async () => {
    line.pipeline.orderAnswer = { said: 'vector-store is held', facts: { credential: 'vector-store' } };
    await line.run("hold vector-store --reason 'a test' --json");
    expect(line.json).toEqual({
      order: 'hold',
      said: 'vector-store is held',
      facts: { credential: 'vector-store' },
      via: 'runtime',
    });
    expect(line.errors).toBe('');
  });

  it('says that it waits for a runtime, where only files were reached', async () => {
    line.pipeline.via = 'files';
    await line.run("rotate vector-store --reason 'a test'");
    expect(line.output).toContain('the next npm start carries it out');
    await line.run("rotate vector-store --reason 'a test' --json");
    expect(line.json['note']).toContain('the next npm start carries it out');
    await line.run("hold vector-store --reason 'a test'");
    expect(line.output).not.toContain('npm start');
  });

  it('says what goes on from here, and instants as a person reads them', async () => {
    line.pipeline.orderAnswer = { said: 'it was adopted at 2026-11-24T11:59:20.000Z', facts: {} };
    await line.run("rotate vector-store --reason 'a test'");
    expect(line.output).toContain('2026-11-24 11:59:20 UTC (40 s ago)');
    expect(line.output).toContain('\n  lockstep status vector-store');
  });
});

describe('the reason of an order', () => {
  const NEED_ONE = [
    'rotate vector-store',
    'hold vector-store',
    'release vector-store',
    'roll-back vector-store',
    'redrive',
    'redrive vector-store',
    'force vector-store --dependent embedder',
    'revoke vector-store --breach',
  ];

  it.each(NEED_ONE)('has to be given where nobody can be asked: %s', async (words) => {
    expect(await line.run(words)).toBe(2);
    expect(line.errors).toContain('needs a reason');
    expect(await line.run(`${words} --reason '  '`)).toBe(2);
    expect(line.pipeline.orders).toEqual([]);
  });

  it.each(NEED_ONE)('is asked for where there is a person: %s', async (words) => {
    line.person = { answers: ['INC-7: moving house', 'vector-store'] };
    expect(await line.run(words)).toBe(0);
    expect(line.asked[0]).toContain('Reason');
    expect(line.pipeline.orders).toMatchObject([{ reason: 'INC-7: moving house' }]);
  });

  it('is no place for a value, typed or asked for', async () => {
    const value = `sk-${'fake0'.repeat(5)}`;
    expect(await line.runWords(['hold', 'vector-store', '--reason', `the key ${value} leaked`])).toBe(2);
    expect(line.said).not.toContain(value);
    line.person = { answers: [`the key ${value} leaked`] };
    expect(await line.run('hold vector-store')).toBe(2);
    expect(line.said).not.toContain(value);
    expect(line.pipeline.orders).toEqual([]);
  });
});

describe('revoke', () => {
  it('does nothing without --breach, and says what to use for less', async () => {
    expect(await line.run("revoke vector-store --reason 'a test'")).toBe(2);
    expect(line.errors).toContain('add --breach');
    expect(line.errors).toContain('lockstep rotate');
    expect(line.places).toEqual([]);
  });

  it('says at a terminal what it will do, and goes on when the name is repeated', async () => {
    line.person = { answers: ['vector-store'] };
    expect(await line.run("revoke vector-store --breach --reason 'a leak'")).toBe(0);
    expect(line.asked[0]).toContain('Every version of vector-store that works is stopped');
    expect(line.pipeline.orders).toMatchObject([{ order: 'revoke-breach' }]);
  });

  it.each([['yes'], ['']])('does nothing when it is not: %j', async (answer) => {
    line.person = { answers: [answer] };
    expect(await line.run("revoke vector-store --breach --reason 'a leak'")).toBe(1);
    expect(line.errors).toContain('NOT_CONFIRMED');
    expect(line.places).toEqual([]);
  });

  it('does not ask with --yes, nor where nobody sits', async () => {
    line.person = { answers: [] };
    expect(await line.run("revoke vector-store --breach --yes --reason 'a leak'")).toBe(0);
    line.person = {};
    expect(await line.run("revoke vector-store --breach --reason 'a leak'")).toBe(0);
    expect(line.asked).toEqual([]);
  });

  it.each([
    [{ stopped: ['rag_a'], failed: ['rag_b'] }],
    [{ stopped: [], failed: [], error: 'the target could not be asked' }],
  ])('is no success while something is still alive: %j', async (facts) => {
    line.pipeline.orderAnswer = { said: 'STILL ALIVE: rag_b', facts };
    expect(await line.run("revoke vector-store --breach --reason 'a leak'")).toBe(1);
    expect(line.output).toContain('STILL ALIVE');
  });
});

describe('adopt', () => {
  const value = '{"adminKey":"a fake admin key","keyId":"key_1"}';

  it('puts a piped value under the person’s own right, then has it proved', async () => {
    line.person = { piped: value };
    expect(await line.run('adopt fresh-key --from-stdin')).toBe(0);
    expect(line.pipeline.put.map(({ credential, value: put }) => [credential, put.reveal()])).toEqual([
      ['fresh-key', value],
    ]);
    expect(line.pipeline.orders).toEqual([{ order: 'adopt', credential: 'fresh-key', value: 'stored' }]);
    expect(line.said).not.toContain('fake admin key');
  });

  it('asks a person for the value, unseen', async () => {
    line.person = { hidden: value };
    expect(await line.run('adopt fresh-key')).toBe(0);
    expect(line.asked).toEqual(['Value of fresh-key (not shown): ']);
    expect(line.pipeline.put).toHaveLength(1);
    expect(line.said).not.toContain('fake admin key');
  });

  it('never puts a first value over one that is in use', async () => {
    line.person = { piped: value };
    expect(await line.run('adopt vector-store --from-stdin')).toBe(1);
    expect(line.errors).toContain('ALREADY_ADOPTED');
    expect(line.pipeline.put).toEqual([]);
    expect(line.pipeline.orders).toEqual([]);
  });

  it('puts nothing while it cannot be known whether it is adopted', async () => {
    line.person = { piped: value };
    line.pipeline.query = () =>
      Promise.reject(new LockstepError('NOTHING_REACHABLE', 'report did not answer'));
    expect(await line.run('adopt fresh-key --from-stdin')).toBe(3);
    expect(line.pipeline.put).toEqual([]);
  });

  it('refuses an empty value, both sources at once, and no source where nobody sits', async () => {
    line.person = { piped: '' };
    expect(await line.run('adopt fresh-key --from-stdin')).toBe(1);
    expect(await line.run('adopt fresh-key --from-stdin --issue')).toBe(2);
    line.person = {};
    expect(await line.run('adopt fresh-key')).toBe(2);
    expect(line.errors).toContain('--from-stdin');
    expect(line.pipeline.put).toEqual([]);
    expect(line.pipeline.orders).toEqual([]);
  });

  it('can be given again for a value that is made at the target', async () => {
    line.pipeline.credentials = [aStatus('vector-store')];
    line.pipeline.orderAnswer = { said: 'vector-store was adopted', facts: { repeated: true } };
    expect(await line.run('adopt vector-store --issue')).toBe(0);
  });
});
