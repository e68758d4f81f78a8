/**
 * What is written on the role of a lease, in its comment: for people, and for whoever changes it next. Everybody at that
 * server may read it.
 */
export interface LeaseMemory {
  readonly lease: string;
  readonly environment: string;
  readonly leasable: string;
  readonly holder: string;
  readonly purpose: string;
  /** The highest fence that it has obeyed. */
  readonly fence: number;
  /** It has ended, and what it left behind has not been cleared away yet. */
  readonly ended?: boolean;
}

/** The comment to write. JSON, in which no character of a name can end anything. */
export const commentOf = (memory: LeaseMemory): string => JSON.stringify({ lockstep: memory });

/** Reads a comment; `undefined` for one that this leaser did not write. */
export function memoryIn(comment: string | null): LeaseMemory | undefined {
  const { lockstep } = objectIn(comment);
  if (typeof lockstep !== 'object' || lockstep === null) return undefined;
  const { lease, environment, leasable, holder, purpose, fence, ended } = lockstep as Partial<
    Record<keyof LeaseMemory, unknown>
  >;
  const texts = [lease, environment, leasable, holder, purpose];
  if (!texts.every((each) => typeof each === 'string')) return undefined;
  if (typeof fence !== 'number' || !Number.isSafeInteger(fence)) return undefined;
  return {
    lease: String(lease),
    environment: String(environment),
    leasable: String(leasable),
    holder: String(holder),
    purpose: String(purpose),
    fence,
    ...(ended === true ? { ended } : {}),
  };
}

function objectIn(comment: string | null): { readonly lockstep?: unknown } {
  try {
    const parsed: unknown = JSON.parse(comment ?? '');
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
