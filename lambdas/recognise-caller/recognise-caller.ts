import type { AccessAsk } from '../contracts/access-requests.ts';
import { ACTING_FOR_HEADER } from '../contracts/access-wire.ts';
import { NO_ACCESS, type AccessInventory } from '../core/access/access-inventory.ts';
import type { Caller, CallingWorkload, Person } from '../core/access/caller.ts';
import type { Inventory } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { TokenVerifier } from '../core/ports/token-verifier.ts';
import type { Secret } from '../core/secret.ts';
import { awsCaller } from './aws-caller.ts';
import { embeddedCaller, type EmbeddedIdentity } from './embedded-caller.ts';
import { spendToken, type SpendPorts } from './spend-token.ts';
import { subjectOf } from './token-subject.ts';

/** What recognising a caller needs from outside. */
export interface RecognisePorts extends SpendPorts {
  readonly inventory: Inventory;
  readonly tokens: TokenVerifier;
  readonly metrics: Metrics;
}

/** What a door has seen of who asks. One of these, never two: which of them counted would be the asker's choice. */
export type Shown =
  /** A signature that IAM has verified. */
  | { readonly by: 'sigv4'; readonly arn: string; readonly actingFor?: Secret }
  /** A bearer token, unverified. */
  | { readonly by: 'token'; readonly token: Secret }
  /** A proof of possession that the endpoint has verified, or the socket that only its owner can open. */
  | { readonly by: 'embedded'; readonly identity: EmbeddedIdentity; readonly actingFor?: Secret };

/**
 * From what a door has seen to who asks: a workload, an agent with the person that it acts for, or a person with their
 * roles. The only maker of a `Caller`.
 *
 * Errors: `UNAUTHENTICATED` what was shown proves nothing, or not what it has to; `NOT_BOUND` it proves somebody whom
 * this environment does not know; `TOKEN_REPLAYED`; `ISSUER_UNREACHABLE`, `LEDGER_UNAVAILABLE` nobody is let in meanwhile.
 */
export async function recogniseCaller(ports: RecognisePorts, shown: Shown, ask: AccessAsk): Promise<Caller> {
  try {
    const caller = await callerOf(ports, shown, ask);
    ports.metrics.count('lockstep_callers', { proof: shown.by, outcome: 'recognised' });
    return caller;
  } catch (error) {
    ports.metrics.count('lockstep_callers', { proof: shown.by, outcome: outcomeOf(error) });
    throw error;
  }
}

function outcomeOf(error: unknown): string {
  if (isLockstepError(error, 'TOKEN_REPLAYED')) return 'replayed';
  return isLockstepError(error, 'UNAUTHENTICATED', 'NOT_BOUND') ? 'refused' : 'failed';
}

async function callerOf(ports: RecognisePorts, shown: Shown, ask: AccessAsk): Promise<Caller> {
  const access = ports.inventory.access ?? NO_ACCESS;
  const found = await whoIsIt(ports, access, shown, ask);
  const actingFor = shown.by === 'token' ? undefined : shown.actingFor;
  const agent =
    found.is === 'workload' ? access.agents.find(({ workload }) => workload === found.name) : undefined;
  if (!agent || found.is !== 'workload') {
    if (actingFor) throw refused('only an agent of the inventory acts for somebody else');
    return found;
  }
  const as = { ...found, is: 'agent', name: agent.name, workload: found.name } as const;
  if (agent.actsFor === 'person') return { ...as, actingFor: await personBehind(ports, access, actingFor) };
  // Taken and left aside, it would look in the audit as if somebody stood behind the request.
  if (actingFor)
    throw refused(`agent ${agent.name} acts for itself, as the inventory says, and for nobody else`);
  return as;
}

const refused = (why: string): LockstepError => new LockstepError('UNAUTHENTICATED', why);

async function whoIsIt(
  ports: RecognisePorts,
  access: AccessInventory,
  shown: Shown,
  ask: AccessAsk,
): Promise<CallingWorkload | Person> {
  if (shown.by === 'sigv4') return awsCaller(ports.inventory, access, shown.arn);
  if (shown.by === 'embedded') return embeddedCaller(ports.inventory, access, shown.identity);
  const token = await ports.tokens.verify(shown.token, access.issuers);
  if (token.issuer.use !== 'caller')
    throw refused('this token is for an agent to show whom it acts for; nobody asks by it');
  const subject = subjectOf(access, token);
  // Last: what names nobody here leaves no trace in the ledger, however much of it comes.
  await spendToken(ports, token, subject, ask);
  return subject;
}

/** The person that an agent acts for. Their token may serve until it expires: whoever shows it has proved who they are. */
async function personBehind(
  { tokens }: RecognisePorts,
  access: AccessInventory,
  shown: Secret | undefined,
): Promise<Person> {
  if (!shown)
    throw refused(`this agent acts for a person: send the token of that person as ${ACTING_FOR_HEADER}`);
  const token = await tokens.verify(shown, access.issuers);
  if (token.issuer.use !== 'acting-for')
    throw refused(
      `${ACTING_FOR_HEADER} takes tokens of an issuer that is declared for it: with one for callers the agent could ask as that person`,
    );
  const person = subjectOf(access, token);
  if (person.is === 'person') return person;
  throw refused(`${ACTING_FOR_HEADER} names a workload, and an agent acts for people`);
}
