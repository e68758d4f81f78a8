import { join } from 'node:path';
import type { LoggedRequest } from '../openai-double/request-log.ts';
import { loginAttempts } from '../postgres/login-attempts.ts';
import { readServerLog } from '../postgres/server-log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { serviceNames } from '../runtime/workspace-services.ts';
import type { Attempt } from '../services/attempt-log.ts';
import type { OwnConnection } from '../world/load-kinds.ts';
import { matchAttempts, type CountedAttempt, type Match } from './match-attempts.ts';
import { readLines } from './read-lines.ts';

/** What dependents counted, beside what the targets wrote down. */
export interface Account {
  /** Logins at PostgreSQL, as dependents counted them and as its log says. */
  readonly database: Match;
  /** Calls at the double of OpenAI, likewise. */
  readonly provider: Match;
  /** Statements on sessions that were open: counted by dependents alone. */
  readonly statements: { readonly served: number; readonly failed: number };
  /** Lockstep's own connections to PostgreSQL; the refused ones are proofs that an old value has ended. */
  readonly probes: { readonly served: number; readonly refused: number; readonly failed: number };
  /** Connections in PostgreSQL's log that neither a dependent nor Lockstep made. */
  readonly strangers: number;
  readonly readsFailed: number;
}

/** What was under way at the end has been written down by then on both sides. */
const SETTLED_MS = 1500;
const MARGIN_MS = 5000;

/** Compares both sides' books since a moment, up to shortly before now. */
export async function takeAccount(runtime: Runtime, since: string): Promise<Account> {
  const until = new Date(Date.now() - SETTLED_MS).toISOString();
  const isInTime = ({ at }: { readonly at: string }): boolean => at >= since && at <= until;
  // A target writes an attempt down when it begins, a dependent when it has ended: theirs may lie a little outside.
  const begins = new Date(Date.parse(since) - MARGIN_MS).toISOString();
  const isNear = ({ at }: { readonly at: string }): boolean => at >= begins;
  const isWhole = ({ at }: { readonly at: string }): boolean =>
    at >= since && Date.parse(at) <= Date.parse(until) - MARGIN_MS;
  const settled = (match: Match): Match => ({ ...match, onlyTheirs: match.onlyTheirs.filter(isWhole) });
  const { folder, inventory } = runtime;
  const attempts = serviceNames(inventory)
    .flatMap((name) => readLines(join(folder.service(name), 'attempts.jsonl')) as readonly Attempt[])
    .filter(isInTime);
  const counted = (what: Attempt['what']): readonly CountedAttempt[] =>
    attempts
      .filter((each) => each.what === what)
      .map(({ at, key = 'unknown', localPort, outcome }) => ({ at, key, port: localPort, outcome }));
  const count = (what: Attempt['what'], outcome: Attempt['outcome']): number =>
    attempts.filter((each) => each.what === what && each.outcome === outcome).length;

  const probes = readLines(folder.probes) as readonly (OwnConnection & { readonly at: string })[];
  const own = probes.filter(isNear);
  const logged = (await databaseLog(runtime)).filter(isNear);
  const { theirs, others } = withoutOurs(logged, own, inventory.credentials.flatMap(rolesOf));
  return {
    database: settled(matchAttempts(counted('login'), theirs)),
    provider: settled(matchAttempts(counted('call'), providerLog(runtime).filter(isNear))),
    statements: { served: count('statement', 'served'), failed: count('statement', 'failed') },
    probes: {
      served: own.filter(({ outcome }) => outcome === 'served').length,
      refused: own.filter(({ outcome }) => outcome === 'refused').length,
      failed: own.filter(({ outcome }) => outcome === 'failed').length,
    },
    // One that is being made right now has told the server nothing yet: neither its role nor its name.
    strangers: others.filter(({ at }) => at <= until).length,
    readsFailed: count('read', 'failed'),
  };
}

type LoggedLogin = CountedAttempt & { readonly applicationName: string | undefined };

async function databaseLog({ database }: Runtime): Promise<readonly LoggedLogin[]> {
  const { lines } = await readServerLog(database.files.log);
  return loginAttempts(lines).map(({ at, port, role, outcome, applicationName }) => ({
    at,
    port,
    key: role ?? 'unknown',
    outcome: outcome === 'served' ? 'served' : 'failed',
    applicationName,
  }));
}

/** The roles that dependents log in as. */
const rolesOf = ({
  kind,
  target,
}: {
  readonly kind: string;
  readonly target: Readonly<Record<string, unknown>>;
}): readonly string[] =>
  kind === 'postgres' && Array.isArray(target['slots']) ? target['slots'].map(String) : [];

/** Takes our own connections out, by their port; what is left on the slots was made by dependents, or by strangers. */
function withoutOurs(
  logged: readonly LoggedLogin[],
  own: readonly (OwnConnection & { readonly at: string })[],
  slots: readonly string[],
): { readonly theirs: readonly CountedAttempt[]; readonly others: readonly CountedAttempt[] } {
  const ours = own.map(({ at, role, localPort, outcome }): CountedAttempt => ({
    at,
    key: role,
    port: localPort,
    outcome: outcome === 'served' ? 'served' : 'failed',
  }));
  const { onlyTheirs } = matchAttempts(ours, logged);
  const theirs = onlyTheirs.filter(({ key }) => slots.includes(key));
  const known = new Set(['lockstep-provision', 'lockstep']);
  const others = onlyTheirs.filter(
    (each) =>
      !slots.includes(each.key) && !known.has(logged.find((login) => login === each)?.applicationName ?? ''),
  );
  return { theirs, others };
}

function providerLog({ folder }: Runtime): readonly CountedAttempt[] {
  const requests = readLines(join(folder.openaiDouble, 'requests.jsonl')) as readonly LoggedRequest[];
  return requests
    .filter(({ caller, route }) => caller === 'other' && route === 'POST /chat/completions')
    .map(({ at, clientPort, keyId, status }) => ({
      at,
      port: clientPort,
      key: keyId ?? 'unknown',
      outcome: status === 200 ? 'served' : 'failed',
    }));
}
