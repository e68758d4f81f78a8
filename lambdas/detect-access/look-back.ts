import type { Ledger } from '../core/ports/ledger.ts';
import type { Access } from '../core/watch/access.ts';
import type { Past } from '../core/watch/sight.ts';
import { readerOf, type Subject } from '../core/watch/watch-list.ts';

const NOTHING: Past = { rotations: [], intents: [] };

/** What the ledger says about a subject, as far as a rule may ask for it. */
export interface LookedBack {
  readonly own: Past;
  readonly children: Past;
}

/**
 * Reads the rotations and intents that an access has to be compared with. Only two sorts of reads need any:
 * one by a target function, and one of another version than the current; the many others cost nothing here.
 */
export async function lookBack(ledger: Ledger, access: Access, subject: Subject): Promise<LookedBack> {
  const none = { own: NOTHING, children: NOTHING };
  if (!access.isRead || subject.kind !== 'watched' || !subject.watched.credential) return none;
  const { credential, children } = subject.watched;
  const byTargetFunction = readerOf(access.principal, subject.watched)?.as === 'target-function';
  const ofOtherVersion = access.versionId !== undefined || access.versionStage === 'AWSPREVIOUS';
  if (!byTargetFunction && !ofOtherVersion) return none;
  return {
    own: await pastOf(ledger, [credential.name]),
    children: byTargetFunction ? await pastOf(ledger, children) : NOTHING,
  };
}

async function pastOf(ledger: Ledger, credentials: readonly string[]): Promise<Past> {
  const each = await Promise.all(
    credentials.map(async (credential) => ({
      rotations: await ledger.list('rotation', credential),
      intents: await ledger.list('intent', credential),
    })),
  );
  return {
    rotations: each.flatMap(({ rotations }) => rotations.map(({ body }) => body)),
    intents: each.flatMap(({ intents }) => intents.map(({ body }) => body)),
  };
}
