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
  /** The value of one field, in the form that the kind's schema takes; `undefined` where this world has none. */
  field(subject: LocalSubject, field: string): unknown;
}

/** The name that is kept for the embedded world. */
export const LOCAL = 'local';
