/**
 * How long a function may take that somebody waits for, in seconds: the stack sets it, and who invokes it waits
 * a little longer.
 */

/** Longer than any step or command at a target. */
export const TARGET_TIMEOUT_SECONDS = 120;

/**
 * Twenty attempts at one chain, three calls to the table each; and longer than one of these may take, so that a table that
 * does not answer is told as that. Twice of it fits into a target function's time.
 */
export const APPEND_AUDIT_TIMEOUT_SECONDS = 45;

/** Longer than an end that waits for the sessions of a lease to go, and shorter than a caller may wait for an issue. */
export const LEASE_TIMEOUT_SECONDS = 45;
