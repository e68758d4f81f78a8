/** How long does a decision take, with a thousand policies and ten thousand entities? */
import { readFileSync } from 'node:fs';
import { openPolicyEngine } from '../lambdas/cedar/cedar-engine.ts';
import { isAuthorized } from '../lambdas/cedar/cedar-wasm.ts';
import { actionUid, uidOf } from '../lambdas/cedar/cedar-words.ts';
import { contextOf } from '../lambdas/cedar/context.ts';
import { entitiesOf } from '../lambdas/cedar/entities.ts';
import type { PolicyBundle } from '../lambdas/cedar/policy-bundle.ts';
import { policyFilesIn, readPolicies, SCHEMA_FILE } from '../lambdas/cedar/read-policies.ts';
import type { Leasable } from '../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../lambdas/core/credential.ts';
import type { PolicyEngine } from '../lambdas/core/ports/policy-engine.ts';
import type { PolicyRequest } from '../lambdas/core/policy/policy-request.ts';
import type { Table } from './results.ts';

const POLICIES = 1000;
const ENTITIES = 10_000;
const TEAMS = 50;
const DECISIONS = Number(process.env['LOCKSTEP_BENCH_DECISIONS'] ?? 20_000);
const WARM_UP = 2000;
const PLAIN = 20;
const FOLDER = new URL('../policies/', import.meta.url).pathname;

const team = (at: number): string => `team-${at % TEAMS}`;
const names = (what: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${what}-${at}`);

const leasable = (name: string, at: number): Leasable => ({
  name,
  kind: 'postgres',
  owner: team(at),
  tier: at % 7 === 0 ? 0 : 1,
  ttl: { defaultSeconds: 900, maximumSeconds: 3600, longestSeconds: 28_800 },
  limits: { perPrincipal: 5, total: 100, perMinute: 60 },
  purposes: ['answer-questions', 'investigate'],
  egress: [],
  target: {},
});

/** A large company: workloads, agents, roles and leasables of fifty teams, as many as there are to be entities. */
function inventory(): Inventory {
  const share = Math.floor(ENTITIES / 4);
  const workloads = names('workload', share);
  return {
    environment: 'production',
    digest: 'bench',
    workloads: workloads.map((name) => ({ name, principal: `arn:aws:iam::000000000000:role/${name}` })),
    freezes: [],
    credentials: [],
    access: {
      issuers: [],
      workloadTokens: {},
      workloadOwners: Object.fromEntries(workloads.map((name, at) => [name, team(at)])),
      roles: names('role', share).map((name, at) => ({ name, owner: team(at), groups: [], principals: [] })),
      agents: names('agent', share).map((name, at) => ({
        name,
        owner: team(at),
        workload: `workload-${at}`,
        actsFor: 'itself',
      })),
      purposes: {},
      purposeBindings: [],
      tiers: {},
      leaseAuthorities: [],
      leasables: names('lease', share).map(leasable),
      blastRadius: { perPrincipal: 100 },
    },
  };
}

/** The policies that come with Lockstep, and one for each of many agents. */
function bundle(): PolicyBundle {
  const { bundle: own } = readPolicies(
    policyFilesIn(FOLDER, 'policies'),
    readFileSync(`${FOLDER}${SCHEMA_FILE}`, 'utf8'),
  );
  if (!own) throw new Error('the policies that come with Lockstep cannot be read');
  const further = Array.from(
    { length: POLICIES - Object.keys(own.policies).length },
    (_, at) =>
      [
        `agent-${at}-leases`,
        {
          file: 'policies/agents.cedar',
          text: `@id("agent-${at}-leases") permit (principal == Lockstep::Agent::"agent-${at}",
            action in [Lockstep::Action::"lease", Lockstep::Action::"renew"], resource == Lockstep::Leasable::"lease-${at * 2 + 1}")
            when { context.purpose == "answer-questions" && context.ttl <= duration("15m") };`,
        },
      ] as const,
  );
  return { schema: own.schema, policies: { ...own.policies, ...Object.fromEntries(further) } };
}

/** One request of many: agents by their own policy, workloads by their team, people with and without approvals. */
function request(at: number): PolicyRequest {
  const context = {
    environment: 'production',
    purpose: 'answer-questions',
    ttlSeconds: 600,
    now: 1_790_000_000_000,
    approvals: at % 2 === 0 ? ['somebody'] : [],
    breakGlass: false,
    mfa: true,
  };
  const number = (at * 7919) % 900;
  const resource = { type: 'Leasable', id: `lease-${number * 2 + 1}` } as const;
  if (at % 3 === 0)
    return { principal: { type: 'Agent', id: `agent-${number}` }, action: 'lease', resource, context };
  if (at % 3 === 1)
    return {
      principal: { type: 'Workload', id: `workload-${number * 2 + 1}` },
      action: 'lease',
      resource,
      context,
    };
  const roles = [`role-${number * 2 + 1}`];
  return { principal: { type: 'Person', id: `person-${at}` }, roles, action: 'lease', resource, context };
}

/** Opens the engine, warms it up, and decides; beside the same questions asked of Cedar with everything at once. */
export function policyDecision(progress: (what: string) => void): Table {
  progress('policy decisions');
  const [world, policies] = [inventory(), bundle()];
  let engine: PolicyEngine | undefined;
  const opening = timed(() => {
    engine = openPolicyEngine({ bundle: policies, inventory: world });
  });
  for (let at = 0; at < WARM_UP; at += 1) engine?.decide(request(at));
  const times = Array.from({ length: DECISIONS }, (_, at) => timed(() => engine?.decide(request(at))));
  progress('policy decisions, by Cedar alone');
  const entities = [...entitiesOf(world).values()];
  const staticPolicies = Object.fromEntries(
    Object.entries(policies.policies).map(([id, { text }]) => [id, text]),
  );
  const plain = Array.from({ length: PLAIN }, (_, at) => {
    // People are in no inventory; the others ask in the same way.
    const { principal, action, resource, context } = request(at * 3);
    return timed(() =>
      isAuthorized({
        principal: uidOf(principal),
        action: actionUid(action),
        resource: uidOf(resource),
        context: contextOf(action, context),
        entities,
        policies: { staticPolicies },
      }),
    );
  });
  return {
    title: `A decision of policy, with ${POLICIES} policies and ${entities.length} entities (ms)`,
    head: ['', 'p50', 'p99', 'p50 of processor time', 'p99 of processor time'],
    rows: [
      ['the engine, after warm-up', ...spread(times)],
      ['Cedar alone, given all policies and entities each time', ...spread(plain)],
      ['opening the engine, once', opening.ms.toFixed(0), '–', opening.cpuMs.toFixed(0), '–'],
    ],
    notes: [
      `${DECISIONS} decisions of agents, workloads and people, in turns. To reach: p99 of at most 2 ms.`,
      'Where others use the machine, the clock also counts the time for which a decision waits for the processor.',
    ],
  };
}

/** How long something takes, by the clock and by the processor: on a machine that others use, only the second says what it costs. */
interface Timed {
  readonly ms: number;
  readonly cpuMs: number;
}

function timed(work: () => unknown): Timed {
  const cpu = process.cpuUsage();
  const started = performance.now();
  work();
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000 };
}

function spread(times: readonly Timed[]): readonly string[] {
  const at = (values: readonly number[], share: number): string =>
    (
      values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
    ).toFixed(2);
  const [clock, cpu] = [times.map(({ ms }) => ms), times.map(({ cpuMs }) => cpuMs)];
  return [at(clock, 0.5), at(clock, 0.99), at(cpu, 0.5), at(cpu, 0.99)];
}
