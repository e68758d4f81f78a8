/**
 * How long a function may take that somebody waits for, in seconds: the stack sets it, and who invokes it waits
 * a little longer.
 */

/** Longer than any step or command at a target. */
export const TARGET_TIMEOUT_SECONDS = 120;

/** Twenty attempts at one chain, each two calls to the table. */
export const APPEND_AUDIT_TIMEOUT_SECONDS = 30;
