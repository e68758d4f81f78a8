import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttemptLog, type Attempt } from '../../../embedded/services/attempt-log.ts';
import { DatabaseUser } from '../../../embedded/services/database-user.ts';
import { HeldCredential } from '../../../embedded/services/held-credential.ts';
import { HeldSigningKey } from '../../../embedded/services/held-signing-key.ts';
import { ModelCaller } from '../../../embedded/services/model-caller.ts';
import { receiveNotices, type ReceivedNotice } from '../../../embedded/services/webhook-receiver.ts';
import { readLines } from '../../../embedded/view/read-lines.ts';
import type { WorkloadDoor } from '../../../embedded/services/workload-client.ts';
import { Rounds } from './rounds.ts';

/** One service that depends on credentials of the bed, and counts every attempt. */
export interface BedDependent {
  readonly name: string;
  /** Where notices come in; none for one that nobody tells. */
  readonly port?: number;
  readonly notices: readonly ReceivedNotice[];
  /** Stops doing what is expected of it about a credential, and goes on working with what it has; or goes on again. */
  stall(credential: string, isStalled: boolean): void;
  attempts(): readonly Attempt[];
  close(): Promise<void>;
}

interface Base {
  readonly name: string;
  readonly log: AttemptLog;
  readonly folder: string;
  readonly rounds: Rounds;
  readonly notices: ReceivedNotice[];
  readonly stalled: Set<string>;
  /** What it does about a credential when it is told, or goes on again. */
  readonly settle: Map<string, () => Promise<void>>;
}

function base(name: string): Base {
  const folder = mkdtempSync(join(tmpdir(), `lockstep-bed-${name}-`));
  const log = new AttemptLog(name, folder, () => new Date());
  return {
    name,
    log,
    folder,
    rounds: new Rounds(),
    notices: [],
    stalled: new Set(),
    settle: new Map(),
  };
}

function dependentOf(own: Base, end: () => Promise<void>, server?: Server): BedDependent {
  const address = server?.address() as AddressInfo | undefined;
  return {
    name: own.name,
    ...(address ? { port: address.port } : {}),
    notices: own.notices,
    stall: (credential, isStalled) => {
      if (isStalled) own.stalled.add(credential);
      else own.stalled.delete(credential);
      if (!isStalled)
        void own.settle
          .get(credential)?.()
          .catch(() => undefined);
    },
    attempts: () => readLines(join(own.folder, 'attempts.jsonl')) as readonly Attempt[],
    close: async () => {
      await own.rounds.end();
      server?.closeAllConnections();
      server?.close();
      await end();
      rmSync(own.folder, { recursive: true, force: true });
    },
  };
}

/** Told by webhook under its own signing key; uses the database all the time; acknowledges. */
export async function ragApi(door: WorkloadDoor): Promise<BedDependent> {
  const own = base('rag-api');
  const database = new DatabaseUser(own.log, {
    applicationName: 'rag-api',
    poolSize: 2,
    poolLifetimeSeconds: 60,
  });
  const store = new HeldCredential('vector-store', door, own.log, (read) => database.takeIntoUse(read));
  const server = await told(own, door, ['rag-api-hook'], { 'vector-store': store });
  own.rounds.every(500, () => database.work('SELECT 1'));
  own.rounds.every(1000, () => database.connectAnew('SELECT 1'));
  return dependentOf(own, () => database.end(), server);
}

/** Told nothing, acknowledges nothing: its sessions are what is seen of it. */
export async function embedder(door: WorkloadDoor): Promise<BedDependent> {
  const own = base('embedder');
  const database = new DatabaseUser(own.log, {
    applicationName: 'embedder',
    poolSize: 1,
    poolLifetimeSeconds: 5,
  });
  const store = new HeldCredential('vector-store', door, own.log, (read) => database.takeIntoUse(read));
  own.rounds.every(4000, () => store.refresh());
  own.rounds.every(500, () => database.work('SELECT 1'));
  return dependentOf(own, () => database.end());
}

/** Calls the double of OpenAI all the time; told by webhook; acknowledges. */
export async function summariser(door: WorkloadDoor, apiUrl: string): Promise<BedDependent> {
  const own = base('summariser');
  const model = new ModelCaller(own.log, apiUrl);
  const key = new HeldCredential('openai-agents', door, own.log, (read) => model.takeIntoUse(read));
  const server = await told(own, door, ['summariser-hook', 'spare-hook'], { 'openai-agents': key });
  own.rounds.every(500, () => model.call());
  return dependentOf(own, async () => undefined, server);
}

/** Receives notices signed with keys of its own, and does what is expected of what it holds. */
async function told(
  own: Base,
  door: WorkloadDoor,
  signingKeys: readonly string[],
  held: Readonly<Record<string, HeldCredential>>,
): Promise<Server> {
  const hooks = new Map(signingKeys.map((name) => [name, new HeldSigningKey(name, door, own.log)]));
  const hooksHeld = Object.fromEntries([...hooks].map(([name, hook]) => [name, hook.held]));
  for (const [credential, each] of Object.entries({ ...held, ...hooksHeld })) {
    own.settle.set(credential, () => each.settle());
    own.rounds.every(2000, async () => {
      if (!each.using) await each.refresh();
    });
  }
  return receiveNotices({
    port: 0,
    keys: () => [...hooks.values()].flatMap((hook) => hook.keys()),
    onNotice: (notice) => {
      own.notices.push(notice);
      if (own.stalled.has(notice.credential)) return;
      const hook = hooks.get(notice.credential);
      const does = hook ? hook.follow(notice) : own.settle.get(notice.credential)?.();
      does?.catch(() => undefined);
    },
  });
}
