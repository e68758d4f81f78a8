/** Something that goes wrong with one request. */
export type Fault =
  /** The connection ends before anything happened. */
  | { readonly do: 'lose-request' }
  /** Everything happens, and then the connection ends. */
  | { readonly do: 'lose-answer' }
  /** Nothing happens; the answer says so. */
  | { readonly do: 'refuse'; readonly status: 429 | 500 | 503; readonly retryAfter?: string }
  /** Everything happens; the answer comes late. */
  | { readonly do: 'slow'; readonly milliseconds: number };

/** What goes wrong, as a test orders it. */
export interface Faults {
  /** The fault for the next request on this route, which is thereby used up. */
  take(route: string): Fault | undefined;
  /** How long a new key is not known yet. */
  readonly newKeyDelayMs: number;
  /** How long an ended key is still taken. */
  readonly revocationDelayMs: number;
}

/** Faults that can be ordered. */
export interface FaultControl extends Faults {
  /** The next `times` requests on a route, written as in the request log: `POST /organization/admin_api_keys`. */
  order(route: string, fault: Fault, times?: number): void;
  delay(delays: { readonly newKeyMs?: number; readonly revocationMs?: number }): void;
}

/** A control with nothing ordered. */
export function createFaults(): FaultControl {
  const ordered: { readonly route: string; readonly fault: Fault }[] = [];
  let [newKeyDelayMs, revocationDelayMs] = [0, 0];
  return {
    get newKeyDelayMs() {
      return newKeyDelayMs;
    },
    get revocationDelayMs() {
      return revocationDelayMs;
    },
    take(route) {
      const at = ordered.findIndex((each) => each.route === route);
      return at < 0 ? undefined : ordered.splice(at, 1)[0]?.fault;
    },
    order(route, fault, times = 1) {
      for (let n = 0; n < times; n += 1) ordered.push({ route, fault });
    },
    delay({ newKeyMs = 0, revocationMs = 0 }) {
      newKeyDelayMs = newKeyMs;
      revocationDelayMs = revocationMs;
    },
  };
}
