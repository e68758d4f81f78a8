/** Whose field the embedded world is asked for. */
export type LocalSubject =
  | { readonly of: 'credential'; readonly credential: string; readonly kind: string }
  | {
      readonly of: 'dependent';
      readonly credential: string;
      readonly dependent: string;
      readonly kind: string;
    }
  | {
      readonly of: 'issuer' | 'lease-authority' | 'lease' | 'egress';
      /** Of a place that a lease may be used at: the lease. */
      readonly name: string;
      readonly kind: string;
    };

/**
 * What the embedded world gives by name: every field that may differ between environments. What the file
 * says in such a field is never used in `local`, so `npm start` cannot reach a real target.
 */
export interface LocalWorld {
  /**
   * Kinds of leases that it has targets for. What is leased by another kind, and by what, is left out of `local`: everything
   * else of the file works here all the same. Absent: nothing is left out, and what it has nothing for is a problem.
   */
  readonly leaseKinds?: readonly string[];
  /** The value of one field, in the form that the kind's schema takes; `undefined` where this world has none. */
  field(subject: LocalSubject, field: string): unknown;
}

/** The name that is kept for the embedded world. */
export const LOCAL = 'local';
