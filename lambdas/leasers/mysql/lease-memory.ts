/**
 * What is written on the user of a lease, in its attribute: for people, and for whoever changes it next.
 */
export interface LeaseMemory {
  readonly environment: string;
  readonly leasable: string;
  readonly holder: string;
  readonly purpose: string;
  /** The highest fence that it has obeyed. */
  readonly fence: number;
  /** It has ended: its user is locked for good, and remembers that. */
  readonly ended?: boolean;
  /** For how long it has to, in milliseconds since 1970 by the server's clock. */
  readonly until?: number;
}

/** The attribute to write. What MySQL has of one already stays beside it, so it is written whole. */
export const attributeOf = ({ ended, until, ...memory }: LeaseMemory): string =>
  JSON.stringify({ lockstep: { ...memory, ended: ended === true, until: until ?? 0 } });

/** Reads one; `undefined` for one that this leaser did not write. */
export function memoryIn(attribute: unknown): LeaseMemory | undefined {
  const { lockstep } = objectIn(attribute);
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
