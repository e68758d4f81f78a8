/** What is remembered of a lease at its server, beside its user: for whoever changes it next, and for people. */
export interface LeaseMemory {
  readonly environment: string;
  readonly leasable: string;
  readonly holder: string;
  readonly purpose: string;
  /** The highest fence that it has obeyed. */
  readonly fence: number;
  readonly ended?: boolean;
}

/** The text to keep. */
export const memoryText = (memory: LeaseMemory): string => JSON.stringify({ lockstep: memory });

/** Reads one; `undefined` for one that this leaser did not write. */
export function memoryIn(text: unknown): LeaseMemory | undefined {
  const { lockstep } = objectIn(text);
  if (typeof lockstep !== 'object' || lockstep === null) return undefined;
  const { environment, leasable, holder, purpose, fence, ended } = lockstep as Partial<
    Record<keyof LeaseMemory, unknown>
  >;
  const texts = [environment, leasable, holder, purpose];
  if (!texts.every((each) => typeof each === 'string')) return undefined;
  if (typeof fence !== 'number' || !Number.isSafeInteger(fence)) return undefined;
  return {
    environment: String(environment),
    leasable: String(leasable),
    holder: String(holder),
    purpose: String(purpose),
    fence,
    ...(ended === true ? { ended } : {}),
  };
}

function objectIn(text: unknown): { readonly lockstep?: unknown } {
  if (typeof text !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
