/**
 * How long and how often the SDK clients try, decided in one place. Their own defaults have no timeout at
 * all: a lost packet would hold a function until Lambda ends it, with nothing said and nothing decided.
 */
export interface ClientSettings {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  /** Exponential backoff with jitter, and a budget that stops retrying when everything fails. */
  readonly retryMode: 'standard';
  readonly requestHandler: {
    readonly connectionTimeout: number;
    /** Until an answer begins. */
    readonly requestTimeout: number;
    /** Without it the SDK prints a warning after `requestTimeout` and goes on waiting. */
    readonly throwOnRequestTimeout: true;
    /** For how long nothing may come while an answer is on its way. The SDK's own is five minutes, or for ever. */
    readonly socketTimeout: number;
  };
}

const CONNECTION_MS = 1000;

/** The SDK lets a service ask for so much more than it would have waited by itself (`Retry-After`). */
const ASKED_FOR_MS = 5000;

/** The longest the SDK waits before its n-th repeat of a throttled call: 1 s, doubled each time, at most 20 s. */
const throttledWaitMs = (repeat: number): number => Math.min(20_000, 1000 * 2 ** (repeat - 1)) + ASKED_FOR_MS;

/**
 * The longest that one call can take under these settings: every attempt connects slowly, is answered at the last moment
 * and stands still in the middle of its answer, and the service asks for more time before each repeat.
 */
export function worstCaseMs({ maxAttempts, requestHandler }: ClientSettings): number {
  const { connectionTimeout, requestTimeout, socketTimeout } = requestHandler;
  const trying = maxAttempts * (connectionTimeout + requestTimeout + socketTimeout);
  const repeats = Array.from({ length: maxAttempts - 1 }, (_, index) => throttledWaitMs(index + 1));
  return trying + repeats.reduce((sum, wait) => sum + wait, 0);
}

const settings = (maxAttempts: number, requestMs: number): ClientSettings => ({
  maxAttempts,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: CONNECTION_MS,
    requestTimeout: requestMs,
    throwOnRequestTimeout: true,
    // It also runs before the answer begins, and must not end what `requestTimeout` allows.
    socketTimeout: requestMs,
  },
});

/**
 * For the stores: Secrets Manager, DynamoDB, S3, SQS, SNS, EventBridge, Scheduler, KMS. They answer within
 * milliseconds, and each of our requests may be sent twice. A store that does not answer at all is given up after
 * 12 s, the worst case is 34 s: a function that uses one needs a longer timeout than that.
 */
export const storeSettings = (): ClientSettings => settings(3, 3000);

/**
 * For invoking a function and waiting for its answer: one attempt, longer than the function itself may
 * take. A repeat by the SDK would run it twice at once; whether to ask again is decided where it is known
 * what was asked.
 *
 * @param calleeTimeoutSeconds the timeout of the function that is invoked
 */
export const invokeSettings = (calleeTimeoutSeconds: number): ClientSettings =>
  settings(1, calleeTimeoutSeconds * 1000 + 2000);
