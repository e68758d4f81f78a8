import { createHash } from 'node:crypto';

/** How much of an id stays readable in a schedule's name. */
const READABLE = 23;

/** 160 bits of a hash: two ids never share a name. */
const HASH_DIGITS = 40;

/**
 * The name of the schedule for an id: the same id, the same name, so that scheduling again replaces. At most
 * 64 characters of `[0-9a-zA-Z-_.]` (https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html).
 */
export function scheduleName(id: string): string {
  const readable = id.replaceAll(/[^0-9a-zA-Z]+/g, '-').slice(0, READABLE);
  return `${readable}-${createHash('sha256').update(id).digest('hex').slice(0, HASH_DIGITS)}`;
}
