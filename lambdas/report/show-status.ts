import { accessOf } from '../core/access/access-inventory.ts';
import type { Credential } from '../core/credential.ts';
import { findCredential } from '../core/find-credential.ts';
import type { CredentialState, Delivery, Hold } from '../core/ledger-rows.ts';
import { nextStep } from '../core/rotation/next-step.ts';
import { missingAdopters, missingReturners, type Phase, type Rotation } from '../core/rotation/rotation.ts';
import { instant, secondsBetween } from '../core/time.ts';
import { overdueAfterSeconds } from '../take-pulse/take-pulse.ts';
import type { ReportPorts } from './report-ports.ts';
import { authorityStatus, type AuthorityStatus } from './show-authorities.ts';

/** One rotation as `status` shows it. */
export interface RotationStatus {
  readonly token: string;
  readonly phase: Phase;
  readonly cause: string;
  readonly requestedAt: string;
  readonly promotedAt?: string;
  readonly adopted: readonly { readonly dependent: string; readonly by: string; readonly at: string }[];
  readonly missing: readonly { readonly dependent: string; readonly told: string }[];
  /** What happens next, and when, in plain words. */
  readonly next: string;
  readonly failure?: string;
  readonly inUse?: string;
  readonly endedBecause?: string;
  readonly provenRefusedAt?: string;
}

/** One credential as `status` shows it. */
export interface CredentialStatus {
  readonly name: string;
  readonly kind: string;
  readonly strategy: string;
  readonly owner: string;
  readonly adopted: boolean;
  readonly currentKey?: string;
  readonly current?: string;
  readonly ageSeconds?: number;
  readonly rotateEverySeconds: number;
  readonly overdue: boolean;
  readonly hold?: Hold;
  /** The rotation under way, or the last one. */
  readonly rotation?: RotationStatus;
}

/** How everything stands. */
export interface StatusReport {
  readonly environment: string;
  readonly at: string;
  readonly credentials: readonly CredentialStatus[];
  /** What leases are made by, which people supply. Absent where there are none. */
  readonly leaseAuthorities?: readonly AuthorityStatus[];
  readonly deadLetters: number;
  readonly sealAgeSeconds?: number;
}

/** How one credential or lease authority, or all, stand. Throws `UNKNOWN_CREDENTIAL` where there is none of that name. */
export async function showStatus(ports: ReportPorts, name: string | undefined): Promise<StatusReport> {
  const { inventory, clock } = ports;
  const authorities = accessOf(inventory).leaseAuthorities.filter(
    (each) => name === undefined || each.name === name,
  );
  const named = name === undefined || authorities.length > 0 ? [] : [findCredential(inventory, name)];
  const wanted = name === undefined ? inventory.credentials : named;
  const sealed = await ports.heads.latest();
  const at = instant(clock());
  return {
    environment: inventory.environment,
    at,
    credentials: await Promise.all(wanted.map((credential) => statusOf(ports, credential))),
    ...(authorities.length > 0
      ? { leaseAuthorities: await Promise.all(authorities.map((each) => authorityStatus(ports, each))) }
      : {}),
    deadLetters: (await ports.deadLetters.list()).length,
    ...(sealed ? { sealAgeSeconds: Math.max(0, secondsBetween(sealed.head.at, at)) } : {}),
  };
}

async function statusOf(ports: ReportPorts, credential: Credential): Promise<CredentialStatus> {
  const { name, kind, strategy, owner, rotateEverySeconds } = credential;
  const state = (await ports.ledger.read('credential', name, 'state'))?.body;
  const rotation = await rotationToShow(ports, name, state);
  const since = state?.currentSince ?? state?.adoptedAt;
  const ageSeconds =
    since === undefined ? undefined : Math.max(0, secondsBetween(since, instant(ports.clock())));
  return {
    name,
    kind,
    strategy,
    owner,
    rotateEverySeconds,
    adopted: state?.adoptedAt !== undefined,
    overdue: ageSeconds !== undefined && ageSeconds > overdueAfterSeconds(credential),
    ...(state?.current === undefined ? {} : { current: state.current }),
    ...(state?.currentKey === undefined ? {} : { currentKey: state.currentKey }),
    ...(ageSeconds === undefined ? {} : { ageSeconds }),
    ...(state?.hold ? { hold: state.hold } : {}),
    ...(rotation ? { rotation: await rotationStatus(ports, rotation, state) } : {}),
  };
}

async function rotationToShow(
  { ledger }: ReportPorts,
  name: string,
  state: CredentialState | undefined,
): Promise<Rotation | undefined> {
  if (state?.active !== undefined) return (await ledger.read('rotation', name, state.active))?.body;
  const all = (await ledger.list('rotation', name)).map(({ body }) => body);
  return all.sort((a, b) => Date.parse(b.requestedAt) - Date.parse(a.requestedAt))[0];
}

async function rotationStatus(
  ports: ReportPorts,
  rotation: Rotation,
  state: CredentialState | undefined,
): Promise<RotationStatus> {
  const {
    token,
    phase,
    cause,
    requestedAt,
    promotedAt,
    failure,
    inUse,
    endedBecause,
    provenRefusedAt,
    rollback,
  } = rotation;
  const deliveries = (await ports.ledger.list('delivery', rotation.credential)).map(({ body }) => body);
  const proofs = rollback ? rollback.returned : rotation.adoption;
  const missing = rollback ? missingReturners(rotation) : missingAdopters(rotation);
  return {
    token,
    phase,
    cause,
    requestedAt,
    ...(promotedAt === undefined ? {} : { promotedAt }),
    adopted: Object.entries(proofs).map(([dependent, { by, at }]) => ({ dependent, by, at })),
    missing:
      promotedAt === undefined
        ? []
        : missing.map(({ name, kind }) => ({
            dependent: name,
            told: howTold(deliveries, token, name, kind),
          })),
    next: whatIsNext(ports, rotation, state),
    ...(failure
      ? {
          failure: `${failure.step} failed ${failure.attempts} time(s), last ${failure.at}: ${failure.code}: ${failure.message}`,
        }
      : {}),
    ...(inUse ? { inUse: inUse.seen } : {}),
    ...(endedBecause === undefined ? {} : { endedBecause }),
    ...(provenRefusedAt === undefined ? {} : { provenRefusedAt }),
  };
}

function howTold(deliveries: readonly Delivery[], token: string, dependent: string, kind: string): string {
  if (kind === 'poller') return 'asks by itself';
  const last = deliveries
    .filter((each) => each.rotation === token && each.dependent === dependent)
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
  if (!last) return 'not told yet';
  return last.status === 'told'
    ? `told at ${last.at}`
    : `${last.status} after ${last.attempts} attempt(s): ${last.lastError ?? 'unknown'}`;
}

function whatIsNext(
  { clock, upSince }: ReportPorts,
  rotation: Rotation,
  state: CredentialState | undefined,
): string {
  const step = nextStep(rotation, {
    now: clock(),
    held: state?.hold !== undefined,
    ...(upSince === undefined ? {} : { upSince }),
  });
  if (step.do === 'nothing') return 'nothing';
  if (step.do !== 'wait') return `${step.do}, now`;
  return `waits for ${step.for}${step.until === undefined ? '' : ` until ${step.until}`}`;
}
