import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessConnection } from '../../../client/access/access-connection.ts';
import { AttemptLog, type Attempt } from '../../../embedded/services/attempt-log.ts';
import { HeldLeases } from '../../../embedded/services/held-leases.ts';
import { LeasingAgent } from '../../../embedded/services/leasing-agent.ts';
import { readLines } from '../../../embedded/view/read-lines.ts';
import type { Canaries } from './canaries.ts';
import type { BedDependent } from './bed-dependents.ts';
import { Rounds } from './rounds.ts';

/** How long its leases are for, in seconds: so short that a run sees many of them. */
const TTL_SECONDS = 90;

/** An agent that works by leases alone, from its start until it is closed. What it has tried is known afterwards as well. */
export type BedAgent = Pick<BedDependent, 'name' | 'attempts' | 'close'>;

/** What an agent is given: a way to the broker, as itself, and what its database's certificate is checked by. */
export interface AgentWays {
  readonly access: AccessConnection;
  readonly databaseCa: string;
  /** Where what it is handed over is remembered, to be searched for in the end. */
  readonly canaries: Canaries;
}

/** The agent of the embedded world, whose broker is the deployed one. */
export async function researchAgent({ access, databaseCa, canaries }: AgentWays): Promise<BedAgent> {
  const name = 'research-agent';
  const folder = mkdtempSync(join(tmpdir(), `lockstep-bed-${name}-`));
  const log = new AttemptLog(name, folder, () => new Date());
  const leases = new HeldLeases(remembering(access, canaries), log);
  const agent = await LeasingAgent.start({ name, leases, log, ttlSeconds: TTL_SECONDS, databaseCa });
  const rounds = new Rounds();
  rounds.every(2000, () => agent.holdVectors());
  rounds.every(2000, () => agent.holdModel());
  rounds.every(500, () => agent.ask());
  rounds.every(500, () => agent.search());
  const attempts = (): readonly Attempt[] => readLines(join(folder, 'attempts.jsonl')) as readonly Attempt[];
  let all: readonly Attempt[] | undefined;
  return {
    name,
    attempts: () => all ?? attempts(),
    close: async () => {
      await rounds.end();
      await agent.end();
      all = attempts();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a broker hands over passes no vault, where values are remembered otherwise. */
const remembering = (access: AccessConnection, canaries: Canaries): AccessConnection => ({
  ask: async (ask, asks) => {
    const reply = await access.ask(ask, asks);
    if ('value' in reply) canaries.keep(reply.value.reveal());
    return reply;
  },
});
