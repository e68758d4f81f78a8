import type { AwsCall } from '../proxy/aws-call.ts';
import { Cut, startBedProxy, type BedAnswer, type Interceptor } from '../proxy/bed-proxy.ts';
import { serviceError } from './service-errors.ts';

/**
 * What goes wrong with a call between an adapter and its bed.
 *
 * - `throttled`, `broken`: the service refuses it, or is out of order; it has no effect;
 * - `cut-before`, `cut-after`: the connection breaks before its effect, or after it and before the answer;
 * - `silent-before`, `silent-after`: the same, and the caller is left waiting.
 */
export const FAULTS = [
  'throttled',
  'broken',
  'cut-before',
  'cut-after',
  'silent-before',
  'silent-after',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Whether a caller waits for an answer until its own patience ends. */
export const isSilent = (fault: Fault): boolean => fault.startsWith('silent');

type Pass = (call: AwsCall) => Promise<BedAnswer>;

const SCRIPTS: { readonly [F in Fault]: Interceptor } = {
  throttled: async (call) => serviceError(call, 'throttled'),
  broken: async (call) => serviceError(call, 'broken'),
  'cut-before': async () => {
    throw new Cut();
  },
  'cut-after': async (call, pass) => {
    await pass(call);
    throw new Cut();
  },
  'silent-before': () => forEver,
  'silent-after': async (call, pass) => {
    await pass(call);
    return forEver;
  },
};

const forEver = new Promise<BedAnswer>(() => undefined);

interface Planned {
  readonly action: string;
  readonly fault: Interceptor;
  left: number;
}

/** A bed behind a proxy that lets calls of it go wrong as planned. */
export interface FaultyBed {
  readonly url: string;
  /** The calls of that action that came, whatever became of them. */
  calls(action: string): readonly AwsCall[];
  /** Lets something go wrong with the next calls of that action; `Infinity`: until `mend`. */
  plan(action: string, fault: Fault | Interceptor, times?: number): void;
  /** Nothing goes wrong any more. */
  mend(): void;
  close(): Promise<void>;
}

/** Starts one. */
export async function startFaultyBed(
  bedUrl: string,
  others: readonly Interceptor[] = [],
): Promise<FaultyBed> {
  const calls: AwsCall[] = [];
  const planned: Planned[] = [];
  const watch: Interceptor = (call, pass) => {
    calls.push(call);
    return faultOf(planned, call)(call, pass);
  };
  const proxy = await startBedProxy(bedUrl, [watch, ...others]);
  return {
    url: proxy.url,
    calls: (action) => calls.filter((call) => call.action === action),
    plan: (action, fault, times = 1) =>
      void planned.push({ action, fault: typeof fault === 'string' ? SCRIPTS[fault] : fault, left: times }),
    mend: () => void planned.splice(0),
    close: () => proxy.close(),
  };
}

const none: Interceptor = (call: AwsCall, pass: Pass) => pass(call);

function faultOf(planned: readonly Planned[], { action }: AwsCall): Interceptor {
  const next = planned.find((each) => each.action === action && each.left > 0);
  if (!next) return none;
  next.left -= 1;
  return next.fault;
}
