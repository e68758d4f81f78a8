import type { AccessRequest } from '../../lambdas/grant-lease/answer-access.ts';
import { answerDependent, type DependentRequest } from '../../lambdas/acknowledge/answer-dependent.ts';
import { advanceRotation } from '../../lambdas/advance-rotation/advance-rotation.ts';
import { appendAudit } from '../../lambdas/append-audit/append-audit.ts';
import {
  auditOrigin,
  targetFunction,
  tellFunction,
  type FunctionName,
} from '../../lambdas/contracts/names.ts';
import type { Order, Query } from '../../lambdas/contracts/orders.ts';
import { TOLD_KINDS } from '../../lambdas/contracts/routes.ts';
import { countedAppender } from '../../lambdas/core/audit/counted-appender.ts';
import type { AuditAppender } from '../../lambdas/core/ports/audit.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { EventOf, EventType, LockstepEvent } from '../../lambdas/core/events.ts';
import { findCredentialOfSecret } from '../../lambdas/core/find-credential.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { LeaseFunctions } from '../../lambdas/core/ports/lease-functions.ts';
import type { StepRequest, TargetFunctions } from '../../lambdas/core/ports/targets.ts';
import { VAULT_WRITES_PER_SECOND } from '../../lambdas/core/rotation/write-budget.ts';
import { detectAccess } from '../../lambdas/detect-access/detect-access.ts';
import type { OrderAnswer } from '../../lambdas/operate/operate-ports.ts';
import { operate } from '../../lambdas/operate/operate.ts';
import { pageOnCall } from '../../lambdas/page-on-call/page-on-call.ts';
import { reconcile } from '../../lambdas/reconcile/reconcile.ts';
import { whatToReconcile, type Wanted } from '../../lambdas/reconcile/what-to-reconcile.ts';
import { report } from '../../lambdas/report/report.ts';
import { requestRotation } from '../../lambdas/request-rotation/request-rotation.ts';
import { sealAudit } from '../../lambdas/seal-audit/seal-audit.ts';
import { serveTarget, type TargetService } from '../../lambdas/serve-target/serve-target.ts';
import { startRotation } from '../../lambdas/start-rotation/start-rotation.ts';
import { takePulse } from '../../lambdas/take-pulse/take-pulse.ts';
import { signingKeys } from '../../lambdas/tell-dependent/signing-keys.ts';
import { tellDependent } from '../../lambdas/tell-dependent/tell-dependent.ts';
import type { PipelineParts } from './pipeline-parts.ts';
import { wireAccess } from './wire-access.ts';

/** A function that handles events of ours. */
type Handler = (event: LockstepEvent) => Promise<void>;

/** The functions of the pipeline on one machine: the same use cases that the handlers on AWS call. */
export interface Pipeline {
  /** By the names of the routes table. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Those for AWS's own events; each gets the envelope. */
  readonly awsHandlers: Readonly<Record<string, (envelope: unknown) => Promise<void>>>;
  /** One of the four steps: what the StepDriver invokes. */
  readonly step: (request: StepRequest) => Promise<void>;
  readonly operate: (operator: { readonly name: string }, order: Order) => Promise<OrderAnswer>;
  readonly report: (query: Query) => ReturnType<typeof report>;
  readonly answerDependent: (
    workload: string,
    request: DependentRequest,
  ) => ReturnType<typeof answerDependent>;
  /** The broker. Throws `NOT_SUPPORTED` where nothing can be leased. */
  readonly answerAccess: (request: AccessRequest) => Promise<unknown>;
  /** The lease functions, for whoever supplies their authorities. Throws `NOT_SUPPORTED` as the broker does. */
  readonly leases: LeaseFunctions;
}

/** Twelve zeros: the account of the embedded world. */
export const LOCAL_ACCOUNT = '000000000000';

/** How the functions are named as principals, in the audit and in records of access. */
const auditName = (name: FunctionName): string => name;

/** Wires the use cases to a world. Every function gets its own vault, so that who reads is known. */
export function wirePipeline(parts: PipelineParts): Pipeline {
  const { inventory, metrics, clock } = parts;
  const jitter = (attempt: number): Promise<void> => parts.sleep(parts.random() * 20 * attempt);
  const audit = countedAppender(appendAudit(parts.chains, jitter), metrics, () => clock().getTime());
  const services = targetServices(parts, audit);
  const { system, advance, start, mend, pulse, seal, orders, answers } = portsOf(parts, audit, services);
  const access = parts.access && wireAccess(parts, parts.access, audit);
  const watch = detectAccess({ ...system, account: LOCAL_ACCOUNT, ...parts.limits });
  const reconcileAndTell = async (wanted: Wanted): Promise<void> => {
    for (const found of await reconcile(mend, wanted)) parts.onDiscrepancy?.(found);
  };

  return {
    handlers: {
      'request-rotation': on(['rotation.due'], async (event) => void (await requestRotation(system, event))),
      'start-rotation': on(['rotation.requested'], (event) => startRotation(start, event)),
      'advance-rotation': on(['rotation.advanced', 'dependent.acknowledged'], (event) =>
        advanceRotation(advance, event),
      ),
      'page-on-call': on(['page.requested'], (event) => pageOnCall({ pager: parts.pager, metrics }, event)),
      reconcile: on(['reconcile.due'], (event) => reconcileAndTell(event)),
      'seal-audit': on(['seal.due'], async () => void (await sealAudit(seal))),
      'take-pulse': on(['pulse.due'], () => takePulse(pulse)),
      ...tellers(parts),
      // A breach is told to whoever ends leases. Where nothing can be leased there is nothing to end.
      'sweep-leases': on(SWEEP_EVENTS, access?.sweepLeases ?? (async () => undefined)),
    },
    awsHandlers: {
      'detect-access': async (envelope) => void (await watch(envelope)),
      reconcile: async (envelope) => {
        const wanted = whatToReconcile(inventory, JSON.stringify(envelope));
        if (wanted) await reconcileAndTell(wanted);
      },
    },
    step: (request) =>
      serviceOf(services, findCredentialOfSecret(inventory, request.secretId).family).step(request),
    operate: (operator, order) => operate(orders, operator, order),
    report: (query) => report(answers, query),
    answerDependent: (workload, request) => answerDependent(system, { workload }, request),
    answerAccess: (request) => (access ? access.answerAccess(request) : nothingToLease(inventory)),
    leases: access?.leases ?? { call: () => nothingToLease(inventory) },
  };
}

const SWEEP_EVENTS = ['lease.due', 'leases.due', 'credential.breached'] as const;

const nothingToLease = async ({ environment }: Inventory): Promise<never> => {
  throw new LockstepError(
    'NOT_SUPPORTED',
    `nothing can be leased in ${environment}: lockstep.config.ts declares no leases`,
  );
};

/** What each function is given of the world. */
function portsOf(parts: PipelineParts, audit: AuditAppender, services: ReadonlyMap<string, TargetService>) {
  const { inventory, ledger, outbox, bus, metrics, clock, newId, limits, deadLetters } = parts;
  const targets = localTargets(services);
  const system = { metrics, clock, newId, audit, inventory, ledger };
  const named = (name: FunctionName) => ({ ...system, functionName: auditName(name) });

  const up = parts.upSince === undefined ? {} : { upSince: parts.upSince };
  const advance = { ...named('advance-rotation'), timer: parts.timer, targets, ...up };
  const { vaultWritesPerSecond = VAULT_WRITES_PER_SECOND } = limits;
  const start = {
    ...named('start-rotation'),
    vault: parts.vaultFor('start-rotation'),
    bus,
    sleep: parts.sleep,
    vaultWritesPerSecond,
  };
  const mend = { ...named('reconcile'), vault: parts.vaultFor('reconcile'), outbox, bus, targets, ...limits };
  const pulse = {
    ...system,
    outbox,
    deadLetters,
    heads: parts.heads,
    vault: parts.vaultFor('take-pulse'),
    ...limits,
  };
  const seal = {
    ...system,
    origin: auditOrigin(inventory.environment),
    chains: parts.chains,
    heads: parts.heads,
    signer: parts.signer,
  };
  const orders = {
    ...named('operate'),
    vault: parts.vaultFor('operate'),
    bus,
    deadLetters,
    targets,
    targetArn,
  };
  const answers = {
    ...parts,
    auditOrigin: auditOrigin(inventory.environment),
    vault: parts.vaultFor('report'),
  };
  return { system, advance, start, mend, pulse, seal, orders, answers };
}

/** What stands for a function's ARN where nothing is deployed. */
const targetArn = (family: string): string =>
  `arn:aws:lambda:local:${LOCAL_ACCOUNT}:function:${targetFunction(family)}`;

/** A handler that takes only its own types: a route that sends another is a fault, and says so. */
function on<T extends EventType>(types: readonly T[], work: (event: EventOf<T>) => Promise<void>): Handler {
  const isWanted = (event: LockstepEvent): event is EventOf<T> => types.some((type) => type === event.type);
  return (event) => {
    if (isWanted(event)) return work(event);
    throw new LockstepError(
      'MALFORMED_EVENT',
      `${event.type} came to a function that handles ${types.join(', ')}`,
    );
  };
}

function targetServices(
  { inventory, ...parts }: PipelineParts,
  audit: AuditAppender,
): ReadonlyMap<string, TargetService> {
  const families = new Set(inventory.credentials.map(({ family }) => family));
  const { mark, ledger, metrics, clock, newId, sleep, rotatorFor, limits } = parts;
  return new Map(
    [...families].map((family) => {
      const name = targetFunction(family);
      const ports = { inventory, mark, family, ledger, audit, metrics, clock, newId, sleep, rotatorFor };
      const { lockSeconds, vaultWritesPerSecond = VAULT_WRITES_PER_SECOND } = limits;
      const own = { vault: parts.vaultFor(name), functionName: auditName(name) };
      return [family, serveTarget({ ...ports, ...own, lockSeconds, vaultWritesPerSecond })];
    }),
  );
}

const serviceOf = (services: ReadonlyMap<string, TargetService>, family: string): TargetService => {
  const service = services.get(family);
  if (service) return service;
  throw new LockstepError('TARGET_UNREACHABLE', `there is no target function of the family ${family}`);
};

const localTargets = (services: ReadonlyMap<string, TargetService>): TargetFunctions => ({
  call: (family, command) => serviceOf(services, family).command(command),
});

function tellers(parts: PipelineParts): Readonly<Record<string, Handler>> {
  const { inventory, ledger, metrics, clock } = parts;
  return Object.fromEntries(
    TOLD_KINDS.map((kind) => {
      const vault = parts.vaultFor(tellFunction(kind));
      const keys = (credential: string) =>
        signingKeys({ environment: inventory.environment, ledger, vault }, credential);
      const ports = { inventory, ledger, metrics, clock, propagator: parts.propagatorFor(kind, keys) };
      return [tellFunction(kind), on(['credential.changed'], (event) => tellDependent(ports, event))];
    }),
  );
}
