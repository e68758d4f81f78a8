import {
  anyRecord,
  flag,
  instant,
  listOf,
  number,
  oneOf,
  optional,
  record,
  text,
} from '../../contracts/check.ts';
import type {
  Credential,
  Dependent,
  EvidencePolicy,
  Freeze,
  Inventory,
  RetirePolicy,
  Workload,
} from '../../core/credential.ts';
import { accessShape } from './access-shape.ts';

const evidence = record<EvidencePolicy>({
  applicationName: text,
  clientAddress: optional(text),
  poolLifetimeSeconds: number,
  suffices: flag,
});

const dependent = record<Dependent>({
  name: text,
  kind: text,
  workload: text,
  cacheTtlSeconds: number,
  evidence: optional(evidence),
  // What a kind needs was checked by that kind's schema at synthesis.
  settings: anyRecord,
});

const retire = record<RetirePolicy>({
  drainSeconds: number,
  soakSeconds: number,
  deadlineSeconds: number,
  onDeadline: oneOf('hold-and-page', 'retire-anyway', 'roll-back'),
});

const credential = record<Credential>({
  name: text,
  kind: text,
  family: text,
  strategy: oneOf('two-slot', 'mint-and-retire', 'dual-value', 'in-place'),
  owner: text,
  authority: optional(text),
  rotateEverySeconds: number,
  boundTo: listOf(text),
  adopters: listOf(text),
  dependents: listOf(dependent),
  retire,
  target: anyRecord,
});

/**
 * The checked, serializable inventory of one environment. Synthesis has made all checks of meaning; this one
 * makes sure that the file beside the bundle is such a file, whole and of this version.
 */
export const inventoryShape = record<Inventory>({
  environment: text,
  digest: text,
  cadence: optional(oneOf('fast')),
  workloads: listOf(record<Workload>({ name: text, principal: text })),
  freezes: listOf(record<Freeze>({ from: instant, until: instant, reason: text })),
  credentials: listOf(credential),
  access: optional(accessShape),
});
