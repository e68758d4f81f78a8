import { join } from 'node:path';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { LoggedRequest } from '../openai-double/request-log.ts';
import { readRequestLog } from '../openai-double/request-log.ts';
import { loginAttempts, type LoginAttempt } from '../postgres/login-attempts.ts';
import { readServerLog } from '../postgres/server-log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Attempt } from '../services/attempt-log.ts';
import type { OwnConnection } from '../world/load-kinds.ts';
import { leasedHere, serviceNames } from '../world/local-services.ts';
import type { Books, Subjects } from './compare-books.ts';
import type { BookedAttempt } from './match-attempts.ts';
import { readLines } from './read-lines.ts';

/** The longest that one of our own logins may take; its record says when it had ended. */
const LONGEST_LOGIN_MS = 60_000;
/** What began before a stretch may have ended in it. */
const BEFORE_MS = 120_000;

/** Where the books lie. */
export type BookKeepers = Pick<Runtime, 'folder' | 'inventory'> & {
  readonly database: Pick<Runtime['database'], 'files'>;
  readonly world: { readonly ledger: Pick<Runtime['world']['ledger'], 'list'> };
};

/** Everybody's book, from a little before a moment on. */
export async function readBooks(runtime: BookKeepers, since: string): Promise<Books> {
  const from = new Date(Date.parse(since) - BEFORE_MS).toISOString();
  const isNear = ({ ended }: BookedAttempt): boolean => ended >= from;
  const { folder, inventory, database } = runtime;
  const attempts = serviceNames(inventory)
    .flatMap((name) => readLines(join(folder.service(name), 'attempts.jsonl')) as readonly Attempt[])
    .filter(({ at }) => at >= from);
  const of = (what: Attempt['what']): readonly BookedAttempt[] =>
    attempts.filter((each) => each.what === what).map(fromDependent);
  const { lines } = await readServerLog(database.files.log);
  const own = readLines(folder.probes) as readonly (OwnConnection & { readonly at: string })[];
  const deliveries = await deliveriesOf(runtime);
  return {
    logins: of('login'),
    calls: of('call'),
    notices: of('notice'),
    statements: of('statement'),
    readsFailed: of('read').filter(({ outcome }) => outcome === 'failed'),
    database: loginAttempts(lines).map(fromServer).filter(isNear),
    provider: readRequestLog(join(folder.openaiDouble, 'requests.jsonl'))
      .filter(({ caller, route }) => caller === 'other' && route === 'POST /chat/completions')
      .map(fromDouble)
      .filter(isNear),
    told: deliveries.filter(({ outcome }) => outcome === 'served').filter(isNear),
    knownNotices: new Set(deliveries.map(({ mark }) => mark)),
    own: own.map(fromUs).filter(isNear),
  };
}

/** Whose credentials are behind the roles and keys in the books. */
export function subjectsOf(inventory: Inventory): Subjects {
  const { credentials } = inventory;
  const slots = credentials.flatMap(({ name, kind, target }): (readonly [string, string])[] =>
    kind === 'postgres' && Array.isArray(target['slots'])
      ? target['slots'].map((slot) => [String(slot), name])
      : [],
  );
  return {
    slots: new Map(slots),
    provider: credentials.find(({ kind }) => kind === 'openai')?.name,
    used: credentials.filter(({ dependents }) => dependents.length > 0).map(({ name }) => name),
    leased: leasedHere(inventory),
  };
}

function fromDependent({ at, began, what, key, leasable, localPort, id, outcome }: Attempt): BookedAttempt {
  const mark = what === 'notice' || what === 'call' ? (id ?? localPort?.toString()) : localPort?.toString();
  return {
    began: began ?? at,
    ended: at,
    ...(key === undefined ? {} : { key }),
    ...(leasable === undefined ? {} : { leasable }),
    ...(mark === undefined ? {} : { mark }),
    outcome,
  };
}

const fromServer = ({ at, port, role, outcome }: LoginAttempt): BookedAttempt => ({
  began: at,
  ended: at,
  ...(role === undefined ? {} : { key: role }),
  ...(port === undefined ? {} : { mark: String(port) }),
  outcome: outcome === 'served' ? 'served' : 'failed',
});

const fromDouble = ({ at, clientPort, clientRequestId, keyId, status }: LoggedRequest): BookedAttempt => ({
  began: at,
  ended: at,
  ...(keyId === null ? {} : { key: keyId }),
  mark: clientRequestId ?? String(clientPort),
  outcome: status === 200 ? 'served' : 'failed',
});

function fromUs({ at, role, localPort, outcome }: OwnConnection & { readonly at: string }): BookedAttempt {
  return {
    began: new Date(Date.parse(at) - LONGEST_LOGIN_MS).toISOString(),
    ended: at,
    key: role,
    ...(localPort === undefined ? {} : { mark: String(localPort) }),
    outcome: outcome === 'served' ? 'served' : 'failed',
  };
}

type Delivered = BookedAttempt & { readonly mark: string };

/** What Lockstep has told, by the id that each notice carries: the ledger's own record of it. */
async function deliveriesOf({ world, inventory }: BookKeepers): Promise<readonly Delivered[]> {
  const rows = await Promise.all(
    inventory.credentials.map(({ name }) => world.ledger.list('delivery', name)),
  );
  const keys = new Map(
    inventory.credentials.flatMap(({ dependents }) =>
      dependents.map(({ name, settings }) => [name, settings['signingKey']] as const),
    ),
  );
  return rows.flat().map(({ id, body: { dependent, status, at } }): Delivered => {
    const key = keys.get(dependent);
    return {
      began: at,
      ended: at,
      mark: id,
      ...(typeof key === 'string' ? { key } : {}),
      outcome: status === 'told' ? 'served' : 'failed',
    };
  });
}
