import * as z from 'zod';
import { CREDENTIAL_KINDS, DEPENDENT_KINDS, type CredentialKind, type DependentKind } from '../kinds.ts';
import { accessSections, workloadAccessFields } from './access/access-json-schema.ts';
import { Tier } from './access/access-shapes.ts';
import {
  awsShape,
  commonFieldsOf,
  credentialBound,
  credentialShape,
  dependentShape,
  evidenceBound,
  evidenceShape,
  localShape,
  Name,
  ownerShape,
  retireShape,
  settingsShapes,
  targetShapes,
  workloadBound,
} from './authoring-schema.ts';
import { LOCAL } from './local-world.ts';
import { perEnvironment, type Fields } from './per-environment-schema.ts';

// A schema with an id is written once, under $defs. The library keeps ids by schema, so these are made once.
const evidence = z
  .strictObject({ ...evidenceShape, ...perEnvironment(evidenceBound) })
  .meta({ id: 'evidence' });
const retire = z.strictObject(retireShape).meta({ id: 'retire' });

function dependentSchema(kind: DependentKind) {
  const { plain, bound } = settingsShapes(kind);
  const shape = { ...dependentShape, evidence: evidence.optional(), ...plain, ...perEnvironment(bound) };
  return z.strictObject({ kind: z.literal(kind.name), ...shape }).meta({ id: `dependent-${kind.name}` });
}
const dependent = z.union(DEPENDENT_KINDS.map(dependentSchema)).meta({ id: 'dependent' });

function credentialSchema(kind: CredentialKind) {
  const { plain, bound } = targetShapes(kind);
  const common: Fields = {
    ...credentialShape,
    tier: Tier.optional(),
    ...perEnvironment(credentialBound),
    retire: retire.optional(),
    dependents: z.array(dependent).optional(),
  };
  const own = commonFieldsOf(kind).map((field) => [field, common[field] ?? z.unknown()] as const);
  const shape = { ...Object.fromEntries(own), ...plain, ...perEnvironment(bound) };
  return z.strictObject({ kind: z.literal(kind.name), ...shape }).meta({ id: `credential-${kind.name}` });
}
const credential = z.union(CREDENTIAL_KINDS.map(credentialSchema)).meta({ id: 'credential' });

const workspace = z
  .strictObject({
    owners: z.record(Name, z.strictObject(ownerShape)),
    environments: z
      .object({ [LOCAL]: z.strictObject(localShape).optional() })
      .catchall(z.strictObject(awsShape)),
    workloads: z.record(Name, z.strictObject({ ...perEnvironment(workloadBound), ...workloadAccessFields })),
    credentials: z.record(Name, credential),
    ...accessSections,
  })
  .describe('A Lockstep workspace: owners, environments, workloads and credentials, and who may lease what.');

/**
 * The JSON Schema (2020-12) of the file as its author writes it. It knows the shape; what concerns
 * several fields, `resolveInventory` checks.
 */
export const inventoryJsonSchema = (): object => ({
  ...z.toJSONSchema(workspace, { io: 'input', target: 'draft-2020-12' }),
  title: 'Lockstep inventory',
});

/** The text of the published file, docs/formats/inventory.schema.json. */
export const inventorySchemaText = (): string => `${JSON.stringify(inventoryJsonSchema(), null, 2)}\n`;
