import type { Instant } from '../../lambdas/core/time.ts';
import type { LogLine } from './server-log.ts';

/** One connection, as the server saw it. Address and port tell whose it was. */
export interface LoginAttempt {
  readonly at: Instant;
  readonly pid: number;
  readonly address: string;
  readonly port?: number;
  readonly role?: string;
  readonly database?: string;
  /** Known only once the server knew whom it let in. */
  readonly applicationName?: string;
  /**
   * - `served`: logged in;
   * - `refused`: wrong value (28P01), or a role that may not log in (28000);
   * - `failed`: stopped by anything else: too many connections, no such database …;
   * - `given-up`: the client went away before an answer, or the log ends here.
   */
  readonly outcome: 'served' | 'refused' | 'failed' | 'given-up';
  /** SQLSTATE of the refusal or failure. */
  readonly state?: string;
  readonly endedAt?: Instant;
}

/** Errors that end a session which was let in before: they say nothing about its login. */
const ENDS_A_SESSION: readonly string[] = ['57P01', '57P02', '57P05', '25P03', '25P04', '08006', '08P01'];

/**
 * Every connection of a log, by the order in which they came. "Authorized" is not the last word: PostgreSQL
 * writes it before it looks whether the role may log in at all, so a refusal in the same process counts.
 */
export function loginAttempts(lines: readonly LogLine[]): readonly LoginAttempt[] {
  const attempts: LoginAttempt[] = [];
  const openByPid = new Map<number, number>();
  for (const line of lines) {
    if (!line.client) continue;
    if (line.message.startsWith('connection received: ')) {
      openByPid.set(line.pid, attempts.length);
      attempts.push(received(line, line.client));
      continue;
    }
    const place = openByPid.get(line.pid);
    const attempt = place === undefined ? undefined : attempts[place];
    if (place !== undefined && attempt) attempts[place] = after(attempt, line);
  }
  return attempts;
}

const received = ({ at, pid }: LogLine, { address, port }: NonNullable<LogLine['client']>): LoginAttempt => ({
  at,
  pid,
  address,
  ...(port === undefined ? {} : { port }),
  outcome: 'given-up',
});

function after(attempt: LoginAttempt, { at, severity, message, client }: LogLine): LoginAttempt {
  const who = {
    ...(client?.role === undefined ? {} : { role: client.role }),
    ...(client?.database === undefined ? {} : { database: client.database }),
  };
  if (severity === 'LOG' && message.startsWith('connection authorized: ')) {
    const name = / application_name=(.*?)(?: SSL enabled \(.*\))?$/.exec(message)?.[1];
    return {
      ...attempt,
      ...who,
      outcome: 'served',
      ...(name === undefined ? {} : { applicationName: name }),
    };
  }
  if (severity === 'LOG' && message.startsWith('disconnection: ')) return { ...attempt, endedAt: at };
  const state = client?.state ?? '';
  if (severity !== 'FATAL' || (attempt.outcome === 'served' && ENDS_A_SESSION.includes(state)))
    return attempt;
  return { ...attempt, ...who, outcome: state.startsWith('28') ? 'refused' : 'failed', state };
}

/** Errors of a client's session other than a refused login: statements that failed, sessions that were ended. */
export const sessionErrors = (lines: readonly LogLine[]): readonly LogLine[] =>
  lines.filter(
    ({ severity, client }) =>
      ['ERROR', 'FATAL', 'PANIC'].includes(severity) &&
      client !== undefined &&
      !client.state.startsWith('28'),
  );
