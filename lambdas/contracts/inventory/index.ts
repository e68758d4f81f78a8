/**
 * What `import … from 'lockstep'` gives: the words of `lockstep.config.ts`, and how to resolve and check it.
 */
export * from './access/lease-builders.ts';
export * from './builders.ts';
export type { LeftOut } from './access/draft-access.ts';
export type * from './access/access-declarations.ts';
export type * from './declarations.ts';
export { days, hours, minutes, seconds, type Duration } from './duration.ts';
export { FAST } from './fast-cadence.ts';
export { LOCAL, type LocalSubject, type LocalWorld } from './local-world.ts';
export { formatProblems, inventoryError, type Problem } from './problem.ts';
export type { PerEnvironment } from './per-environment.ts';
export {
  checkWorkspace,
  resolveInventory,
  type Deployment,
  type Resolution,
  type ResolveOptions,
} from './resolve-inventory.ts';
export { serializeInventory } from './serialized.ts';
