import type { ServerFiles } from './server-files.ts';

/** A server's own environment: nothing of ours crosses into it. */
export const CLEAN_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/bin:/bin:/usr/sbin:/sbin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * How each line of the log begins; `server-log.ts` reads it. `%r` is the client's address and port, by which
 * attempts are attributed; `%e` tells a wrong password (28P01) from a role that may not log in (28000). The
 * application name comes last, because a client may put anything there.
 */
const LOG_LINE_PREFIX = '%m [%p] %q%r %e user=%u db=%d app=%a ';

/** The longest path of a socket that every system takes, less the name of PostgreSQL's socket file. */
const LONGEST_SOCKET_FOLDER = 80;

/** The server's settings. What Lockstep relies on comes last: `more` cannot take it away. */
export function serverSettings(
  { data }: ServerFiles,
  port: number,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    ...more,
    port: String(port),
    listen_addresses: '127.0.0.1',
    // Never in /tmp, where any user could put one in its place.
    unix_socket_directories: Buffer.byteLength(data) > LONGEST_SOCKET_FOLDER ? '' : data,
    password_encryption: 'scram-sha-256',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_connections: 'on',
    log_disconnections: 'on',
    log_line_prefix: LOG_LINE_PREFIX,
    log_timezone: 'UTC',
    lc_messages: 'C',
  };
}

/** As arguments of `postgres`. */
export const settingArguments = (settings: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
