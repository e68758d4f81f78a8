import * as z from 'zod';
import { LEASER_KINDS, type LeasableKind } from '../../kinds.ts';
import { credentialBound, Name } from '../authoring-schema.ts';
import { perEnvironment } from '../per-environment-schema.ts';
import {
  agentShape,
  blastRadiusShape,
  egressBound,
  egressShape,
  issuerBound,
  issuerShape,
  leaseAuthorityShape,
  leaseShape,
  purposeShape,
  roleBound,
  roleShape,
  workloadAccessShape,
  workloadTokensBound,
} from './access-shapes.ts';
import { authorityTargetShapes, leaseFieldsOf, leaseTargetShapes } from './read-lease.ts';

// A schema with an id is written once, under $defs. The library keeps ids by schema, so these are made once.
const egress = z.strictObject({ ...egressShape, ...perEnvironment(egressBound) }).meta({ id: 'egress' });

function leaseSchema(kind: LeasableKind) {
  const { plain, bound } = leaseTargetShapes(kind);
  const common = Object.fromEntries(leaseFieldsOf(kind).map((field) => [field, leaseShape[field]] as const));
  const shape = { ...common, egress: z.array(egress).optional(), ...plain, ...perEnvironment(bound) };
  return z.strictObject({ kind: z.literal(kind.name), ...shape }).meta({ id: `lease-${kind.name}` });
}

function leaseAuthoritySchema(kind: LeasableKind) {
  const { plain, bound } = authorityTargetShapes(kind);
  const common = { ...leaseAuthorityShape, ...perEnvironment({ adopters: credentialBound.adopters }) };
  const shape = { ...common, ...plain, ...perEnvironment(bound) };
  return z
    .strictObject({ kind: z.literal(kind.name), ...shape })
    .meta({ id: `lease-authority-${kind.name}` });
}

const lease = z.union(LEASER_KINDS.map(leaseSchema)).meta({ id: 'lease' });
const leaseAuthority = z
  .union(LEASER_KINDS.filter(({ authority }) => authority).map(leaseAuthoritySchema))
  .meta({ id: 'lease-authority' });

/** The fields of a workload that concern access. */
export const workloadAccessFields = { ...workloadAccessShape, ...perEnvironment(workloadTokensBound) };

/** The sections of a workspace that concern access: each may be left out. */
export const accessSections = {
  issuers: z.record(Name, z.strictObject({ ...issuerShape, ...perEnvironment(issuerBound) })).optional(),
  roles: z.record(Name, z.strictObject({ ...roleShape, ...perEnvironment(roleBound) })).optional(),
  agents: z.record(Name, z.strictObject(agentShape)).optional(),
  purposes: z.record(Name, z.strictObject(purposeShape)).optional(),
  leaseAuthorities: z.record(Name, leaseAuthority).optional(),
  leases: z.record(Name, lease).optional(),
  blastRadius: z.strictObject(blastRadiusShape).optional(),
};
