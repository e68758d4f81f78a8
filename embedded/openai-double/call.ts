import type { Organization } from './organization.ts';

/** What a route is given. */
export interface Call {
  readonly organization: Organization;
  /** The segments of the path that the template leaves open: one or two. */
  readonly ids: readonly [first: string, second: string];
  readonly search: URLSearchParams;
  /** The parsed body; `undefined` where there is none. */
  readonly body: unknown;
  readonly now: Date;
}
