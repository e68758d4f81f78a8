import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answerDependent } from '../../lambdas/acknowledge/answer-dependent.ts';
import type { AcknowledgePorts } from '../../lambdas/acknowledge/acknowledge.ts';
import { failureAnswer, okAnswer, type HttpAnswer } from '../../lambdas/contracts/http-answer.ts';
import type { Expectation } from '../../lambdas/core/ledger-rows.ts';
import { create, replace } from '../../lambdas/core/ports/ledger.ts';
import type { Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';

interface Exchange {
  readonly about: string;
  readonly caller: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What is different for this exchange alone. */
  readonly given?: { readonly promotedAt: null };
  readonly answer: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

interface Vectors {
  readonly given: {
    readonly credential: string;
    readonly rotation: string;
    readonly promotedAt: string;
    readonly expectation: Omit<Expectation, 'rotation'> & { readonly id: string };
  };
  readonly exchanges: readonly Exchange[];
}

const { given, exchanges } = JSON.parse(
  readFileSync(new URL('../vectors/acknowledgement/exchanges.json', import.meta.url), 'utf8'),
) as Vectors;

/** A ledger in which somebody is expected to move. */
async function aWaitingRotation(): Promise<AcknowledgePorts & { readonly ledger: MemoryLedger }> {
  const { credential, rotation: token, promotedAt, expectation } = given;
  const { id, ...expected } = expectation;
  const ledger = new MemoryLedger();
  const rotation: Rotation = {
    credential,
    token,
    kind: 'postgres',
    strategy: 'two-slot',
    cause: 'cadence',
    requestedBy: 'cadence',
    requestId: 'a cadence',
    fence: 1,
    phase: 'adopting',
    reached: 'verified',
    dependents: [],
    retire: { drainSeconds: 1, soakSeconds: 1, deadlineSeconds: 60, onDeadline: 'hold-and-page' },
    observable: true,
    requestedAt: promotedAt,
    promotedAt,
    expectation: id,
    adoption: {},
    evidence: {},
  };
  await ledger.commit([
    create('credential', credential, 'state', { fence: 1, adoptedAt: promotedAt, active: token }),
    create('rotation', credential, token, rotation),
    create('expectation', credential, id, { ...expected, rotation: token }),
  ]);
  const clock = new FakeClock(promotedAt).now;
  const inventory = { environment: 'test', digest: '', workloads: [], freezes: [], credentials: [] };
  return { inventory, ledger, metrics: new CountingMetrics(), clock, newId: countedIds() };
}

async function answered(ports: AcknowledgePorts, { caller, ...request }: Exchange): Promise<HttpAnswer> {
  try {
    return okAnswer(await answerDependent(ports, { workload: caller }, { ...request, body: request.body }));
  } catch (error) {
    return failureAnswer(error);
  }
}

/** Takes promotion back for one exchange, and gives it again. */
async function notYetPromoted<T>(ledger: MemoryLedger, work: () => Promise<T>): Promise<T> {
  const write = async (promoted: boolean): Promise<void> => {
    const row = await ledger.read('rotation', given.credential, given.rotation);
    if (!row) throw new Error('the rotation is gone');
    const { promotedAt: _taken, ...rest } = row.body;
    await ledger.commit([replace(row, promoted ? { ...rest, promotedAt: given.promotedAt } : rest)]);
  };
  await write(false);
  const result = await work();
  await write(true);
  return result;
}

/** What of an answer is promised: a result whole, of an error its type and code, and the headers that are named. */
function promised({ about, answer }: Exchange, { status, headers, body }: HttpAnswer): unknown {
  const { errorType, code } = body as { readonly errorType?: unknown; readonly code?: unknown };
  const named = Object.keys(answer.headers ?? {}).map((name) => [name, headers[name]]);
  return {
    about,
    status,
    ...(named.length > 0 ? { headers: Object.fromEntries(named) as unknown } : {}),
    body: status === 200 ? body : { errorType, code },
  };
}

describe('the published exchanges with the endpoint of dependents', () => {
  it('are what it answers, one after the other', async () => {
    const ports = await aWaitingRotation();
    const found: unknown[] = [];
    for (const exchange of exchanges) {
      const answer = async () => promised(exchange, await answered(ports, exchange));
      found.push(await (exchange.given ? notYetPromoted(ports.ledger, answer) : answer()));
    }
    expect(found).toEqual(exchanges.map(({ about, answer }) => ({ about, ...answer })));
    // and one proof was kept, once
    expect(ports.ledger.rows('acknowledgement')).toHaveLength(1);
  });

  it('show every way to be refused next to one that counts', () => {
    const statuses = exchanges.map(({ answer }) => answer.status);
    expect(new Set(statuses)).toEqual(new Set([200, 400, 409]));
    expect(statuses.filter((status) => status !== 200).length).toBeGreaterThan(12);
  });
});
