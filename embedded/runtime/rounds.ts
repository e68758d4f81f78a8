import { randomUUID } from 'node:crypto';
import { makeEvent } from '../../lambdas/core/make-event.ts';
import type { Credential } from '../../lambdas/core/credential.ts';
import { isOver, type Rotation } from '../../lambdas/core/rotation/rotation.ts';
import type { World } from '../world/open-world.ts';

/** The rotations of one round: one for each credential, by its name. */
export type Round = ReadonlyMap<string, string>;

/**
 * Asks for a rotation of every credential, authorities before their children. A rotation that an earlier runtime
 * left unfinished counts as its credential's.
 */
export async function beginRound(world: World, name: string): Promise<Round> {
  const round = new Map<string, string>();
  for (const credential of inOrder(world.inventory.credentials)) {
    round.set(credential.name, await beginOne(world, credential, name));
  }
  return round;
}

/** Authorities first: they are rotated before what they have authority over. */
const inOrder = (credentials: readonly Credential[]): readonly Credential[] =>
  [...credentials].sort((a, b) => Number(a.authority !== undefined) - Number(b.authority !== undefined));

async function beginOne({ ledger, pipeline }: World, { name }: Credential, round: string): Promise<string> {
  const active = (await ledger.read('credential', name, 'state'))?.body.active;
  if (active !== undefined) return active;
  const answer = await pipeline.operate(
    { name: 'npm start' },
    { order: 'rotate', credential: name, reason: round },
  );
  return String(answer.facts['rotation']);
}

/** The rotations of a round as they stand. */
export async function rotationsOf({ ledger }: World, round: Round): Promise<ReadonlyMap<string, Rotation>> {
  const found = new Map<string, Rotation>();
  for (const [credential, token] of round) {
    const row = await ledger.read('rotation', credential, token);
    if (row) found.set(credential, row.body);
  }
  return found;
}

/** Whether nothing of a round is under way any more. */
export const isRoundOver = (rotations: ReadonlyMap<string, Rotation>): boolean =>
  [...rotations.values()].every(isOver);

/**
 * The cadence of one machine: what a schedule of EventBridge Scheduler per credential does on AWS. Each time has an
 * id made from its credential and its moment, so that a time that is told twice is one request.
 */
export class Cadence {
  readonly #world: World;
  readonly #due = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Publishes what has come due. Called once a second. */
  async tick(): Promise<void> {
    const { inventory, clock, bus } = this.#world;
    for (const credential of inventory.credentials) {
      const due = this.#due.get(credential.name) ?? (await this.#firstDue(credential));
      const now = clock().getTime();
      const every = credential.rotateEverySeconds * 1000;
      if (due > now) {
        this.#due.set(credential.name, due);
        continue;
      }
      const { name } = credential;
      const detail = {
        credential: name,
        cause: 'cadence' as const,
        requestId: `cadence ${new Date(due).toISOString()}`,
      };
      await bus.publish([
        makeEvent({ environment: inventory.environment, clock, newId: randomUUID }, 'rotation.due', detail),
      ]);
      // Times that passed while nobody lived are one time, not many.
      this.#due.set(name, due + every * Math.max(1, Math.ceil((now - due) / every)));
    }
  }

  async #firstDue({ name, rotateEverySeconds }: Credential): Promise<number> {
    const { ledger, clock } = this.#world;
    const rows = await ledger.list('rotation', name);
    const requested = rows.map(({ body }) => Date.parse(body.requestedAt));
    const last = Math.max(...requested, 0);
    return (last === 0 ? clock().getTime() : last) + rotateEverySeconds * 1000;
  }
}
