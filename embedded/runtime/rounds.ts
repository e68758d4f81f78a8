import { randomUUID } from 'node:crypto';
import type { Credential } from '../../lambdas/core/credential.ts';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import { makeEvent } from '../../lambdas/core/make-event.ts';
import { isOver, type Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { realSleep } from '../loop/sleep.ts';
import type { World } from '../world/open-world.ts';

/** One round: a rotation for each credential that may have one. */
export interface Round {
  /** The rotation's token, by credential. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Why a credential may not rotate now, by its name: somebody holds it, it is frozen. */
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * Asks for a rotation of every credential, authorities before their children. A rotation that an earlier runtime
 * left unfinished counts as its credential's; a credential that may not rotate keeps nobody else from it.
 */
export async function beginRound(
  world: Pick<World, 'inventory' | 'ledger' | 'pipeline'>,
  name: string,
): Promise<Round> {
  const tokens = new Map<string, string>();
  const refused = new Map<string, string>();
  for (const credential of inOrder(world.inventory.credentials)) {
    const begun = await beginOne(world, credential, name);
    if ('token' in begun) tokens.set(credential.name, begun.token);
    else refused.set(credential.name, begun.refused);
  }
  return { tokens, refused };
}

/** Authorities first: they are rotated before what they have authority over. */
const inOrder = (credentials: readonly Credential[]): readonly Credential[] =>
  [...credentials].sort((a, b) => Number(a.authority !== undefined) - Number(b.authority !== undefined));

type Begun = { readonly token: string } | { readonly refused: string };

const ATTEMPTS = 5;

async function beginOne(
  { ledger, pipeline }: Pick<World, 'ledger' | 'pipeline'>,
  { name }: Credential,
  round: string,
): Promise<Begun> {
  for (let attempt = 1; ; attempt += 1) {
    const active = (await ledger.read('credential', name, 'state'))?.body.active;
    if (active !== undefined) return { token: active };
    try {
      const answer = await pipeline.operate(
        { name: 'npm start' },
        { order: 'rotate', credential: name, reason: round },
      );
      return { token: String(answer.facts['rotation']) };
    } catch (error) {
      if (!isLockstepError(error)) throw error;
      // The cadence may have been quicker; then there is a rotation to follow.
      const isPassing = error.remedy === 'retry' || error.code === 'PREDECESSOR_IN_USE';
      if (!isPassing || attempt === ATTEMPTS) return { refused: error.message };
      await realSleep(1000 * (error.retryAfterSeconds ?? 0.5 * attempt));
    }
  }
}

/** The rotations of a round as they stand. */
export async function rotationsOf({ ledger }: World, round: Round): Promise<ReadonlyMap<string, Rotation>> {
  const found = new Map<string, Rotation>();
  for (const [credential, token] of round.tokens) {
    const row = await ledger.read('rotation', credential, token);
    if (row) found.set(credential, row.body);
  }
  return found;
}

/** Whether nothing of a round is under way any more, or what is waits for somebody to release its hold. */
export async function isRoundOver(
  { ledger }: Pick<World, 'ledger'>,
  rotations: ReadonlyMap<string, Rotation>,
): Promise<boolean> {
  for (const [credential, rotation] of rotations) {
    if (isOver(rotation)) continue;
    const hold = (await ledger.read('credential', credential, 'state'))?.body.hold;
    if (!hold || !isStopped(rotation)) return false;
  }
  return true;
}

/** Where a hold keeps a rotation: nothing is disabled or revoked, and past its deadline nobody is waited for any more. */
const isStopped = ({ phase, deadlineDecidedAt }: Rotation): boolean =>
  phase === 'adopted' || phase === 'disabled' || deadlineDecidedAt !== undefined;

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
