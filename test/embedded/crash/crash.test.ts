import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkChain } from '../../../lambdas/core/audit/verify.ts';
import { token } from '../../fakes/counted-ids.ts';
import { tempFolder, type TempFolder } from '../../fakes/temp-folder.ts';
import {
  crashAudit,
  crashBus,
  crashHeads,
  crashLedger,
  crashTimer,
  crashVault,
  SECRET,
} from './crash-stores.ts';

const SCRIPT = fileURLToPath(new URL('./write-until-killed.ts', import.meta.url));

/** What a killed process had said: the numbers of its durable writes, by store. */
type Said = ReadonlyMap<string, readonly number[]>;

/**
 * Lets a process write until it has said so many times that a write is durable, and a little longer, and
 * kills it with SIGKILL: wherever it is then.
 */
async function killAfter(folder: TempFolder, count: number, more: number): Promise<Said> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, folder.at()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = new Map<string, number[]>();
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [store = '', number] = line.split(' ');
    said.set(store, [...(said.get(store) ?? []), Number(number)]);
    lines += 1;
    if (lines === count) setTimeout(() => child.kill('SIGKILL'), more);
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (child.signalCode !== 'SIGKILL') throw new Error(`the process ended by itself: ${child.exitCode}`);
  return said;
}

// Early, and later, when logs have been folded into files in between.
const KILLS = [
  { when: 'at its beginning', count: 3, more: 1 },
  { when: 'after hundreds of writes', count: 400, more: 7 },
];

describe.each(KILLS)('after SIGKILL of a process that writes, $when', ({ count, more }) => {
  let folder: TempFolder;
  let said: Said;
  beforeAll(async () => {
    folder = tempFolder();
    said = await killAfter(folder, count, more);
  }, 60_000);
  afterAll(() => folder.remove());
  const killed: Killed = {
    at: (...parts) => folder.at(...parts),
    said: (what) => said.get(what) ?? [],
    last: (what) => Math.max(0, ...(said.get(what) ?? [])),
  };
  describeLedgerVaultAndBus(killed);
  describeTimersAuditAndNewFiles(killed);
});

/** What is left of a killed process. */
interface Killed {
  /** A path in the folder that it wrote to. */
  readonly at: (...parts: readonly string[]) => string;
  /** The numbers that it had said of a store. */
  readonly said: (store: string) => readonly number[];
  /** The last of them; 0 where there is none. */
  readonly last: (store: string) => number;
}

function describeLedgerVaultAndBus({ at, said, last }: Killed): void {
  it('the ledger has every commit that it said was durable, each of them whole', async () => {
    const ledger = crashLedger(at());
    const counted = (await ledger.read('credential', 'counter', 'state'))?.body.fence ?? 0;
    expect(counted).toBeGreaterThanOrEqual(last('ledger'));
    // Counter, rows and events were written together, so they agree whatever was cut off.
    expect(await ledger.list('credential', 'rows')).toHaveLength(counted);
    expect(await ledger.pending(100_000)).toHaveLength(counted);
    ledger.close();
  });

  it('the vault has its labels where it said, and its values open', async () => {
    const vault = crashVault(at());
    const client = vault.vaultFor('arn:aws:iam::000000000000:role/x');
    const { version, value } = await client.read(SECRET);
    const current = Number.parseInt(version.slice(-12), 16);
    expect(current).toBeGreaterThanOrEqual(last('vault'));
    expect(value.reveal()).toBe(`not-a-real-secret ${current}`);
    const { versions } = await client.describe(SECRET);
    const previous = current > 0 ? [[token(current - 1), ['AWSPREVIOUS']]] : [];
    expect(Object.entries(versions).filter(([, [label]]) => label === 'AWSPREVIOUS')).toEqual(previous);
    vault.close();
  });

  it('the bus has delivered, or still delivers, every event that it took', async () => {
    const delivered = new Set(said('delivered'));
    const bus = crashBus(at(), async ({ id }) => void delivered.add(Number(id.slice(6))));
    await bus.deliverDue();
    expect(said('bus').filter((number) => !delivered.has(number))).toEqual([]);
    bus.close();
  });
}

function describeTimersAuditAndNewFiles({ at, said, last }: Killed): void {
  it('the timers fire everything that was scheduled', async () => {
    const fired = new Set<number>();
    const timer = crashTimer(at(), async (events) => {
      for (const { id } of events) fired.add(Number(id.slice(6)));
    });
    await timer.fireDue();
    expect(said('timer').filter((number) => !fired.has(number))).toEqual([]);
    timer.close();
  });

  it('the audit is one chain that verifies', async () => {
    const store = crashAudit(at());
    const records = await store.read('vector-store', 1, 100_000);
    expect(records.length).toBeGreaterThanOrEqual(last('audit'));
    expect(checkChain('vector-store', records)).toEqual([]);
    store.close();
  });

  it('the heads are whole and without a gap', async () => {
    const heads = await crashHeads(at()).list(1, 100_000);
    expect(heads.length).toBeGreaterThanOrEqual(last('heads'));
    expect(heads.map(({ head }) => head.number)).toEqual(heads.map((_, index) => index + 1));
  });

  it('a vault that was just being made can be opened', () => {
    const made = last('new') > 0 ? readdirSync(at('new')) : [];
    expect(made.length).toBeGreaterThanOrEqual(last('new'));
    for (const name of made) {
      const vault = crashVault(at('new', name));
      expect(vault.listSecrets()).toHaveLength(1);
      vault.close();
    }
  });
}
