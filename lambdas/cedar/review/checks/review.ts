import type { Problem } from '../../../contracts/inventory/problem.ts';
import type { Tier } from '../../../core/access/access-inventory.ts';
import type { Inventory } from '../../../core/credential.ts';
import type { PolicyBundle } from '../../policy-bundle.ts';
import type { Ask } from '../asks-of.ts';
import type { Asker } from '../askers.ts';
import type { Overview } from '../overview.ts';

/** One environment under review: who may ask there, and what comes of it. */
export interface Review {
  readonly bundle: PolicyBundle;
  readonly inventory: Inventory;
  readonly askers: readonly Asker[];
  readonly overview: Overview;
  /** The tier of what an ask is about. */
  readonly tierOf: (ask: Ask) => Tier | undefined;
  /** Everything that anybody may ask. */
  readonly asks: readonly Ask[];
}

/** Finds what is wrong in one environment. */
export type ReviewCheck = (review: Review) => readonly Problem[];
