import { open } from 'node:fs/promises';
import { instant, type Instant } from '../../lambdas/core/time.ts';

/** What the server knew of a client when it wrote a line. */
interface LogClient {
  readonly address: string;
  /** `undefined` for a Unix socket. */
  readonly port?: number;
  /** SQLSTATE; `00000` where nothing went wrong. */
  readonly state: string;
  /** `undefined` before the client has said who it is; likewise the next two. */
  readonly role?: string;
  readonly database?: string;
  readonly applicationName?: string;
}

/** One line of the server's log. */
export interface LogLine {
  readonly at: Instant;
  readonly pid: number;
  /** LOG, ERROR, FATAL …, or what belongs to one: DETAIL, HINT, STATEMENT. */
  readonly severity: string;
  readonly message: string;
  /** Absent for the server's own processes. */
  readonly client?: LogClient;
}

/**
 * As `LOG_LINE_PREFIX` of settings.ts writes it. A client chooses its application name, so one that looks like
 * the rest of a line may garble the severity and text of its own lines. Not those that attempts are counted
 * by: until a login has ended well the name is still `[unknown]`.
 */
const LINE =
  /^(?<date>\d{4}-\d\d-\d\d) (?<time>[\d:.]+) UTC \[(?<pid>\d+)\] (?:(?:(?<address>[^ (]+)\((?<port>\d+)\)|\[local\]) (?<state>[0-9A-Z]{5}) user=(?<role>.*?) db=(?<database>.*?) app=(?<app>.*?) )?(?<severity>[A-Z]+\d?):  (?<message>.*)$/;

/** Reads the text of a log. Lines that continue another one (they begin with a tab) and foreign ones are left out. */
export const parseServerLog = (text: string): readonly LogLine[] =>
  text.split('\n').flatMap((line) => {
    const found = LINE.exec(line)?.groups;
    return found ? [logLine(found)] : [];
  });

function logLine(found: Readonly<Record<string, string | undefined>>): LogLine {
  const { date = '', time = '', severity = '', message = '', state } = found;
  const line = { at: instant(new Date(`${date}T${time}Z`)), pid: Number(found['pid']), severity, message };
  if (state === undefined) return line;
  return {
    ...line,
    client: {
      address: found['address'] ?? '[local]',
      ...(found['port'] === undefined ? {} : { port: Number(found['port']) }),
      state,
      ...known('role', found['role']),
      ...known('database', found['database']),
      ...known('applicationName', found['app']),
    },
  };
}

const known = <K extends string>(name: K, value: string | undefined): { readonly [N in K]?: string } =>
  value === undefined || value === '[unknown]' ? {} : ({ [name]: value } as { readonly [N in K]: string });

/** A stretch of a log, and where the next one begins. */
export interface LogStretch {
  readonly lines: readonly LogLine[];
  readonly next: number;
}

/**
 * Reads what was appended to a log since `from`, in bytes. A last line that is not whole yet is left for the
 * next time. A log that is shorter now was put aside and begun anew.
 */
export async function readServerLog(path: string, from = 0): Promise<LogStretch> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = size < from ? 0 : from;
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - start), position: start });
    const whole = buffer.lastIndexOf('\n', bytesRead - 1) + 1;
    return { lines: parseServerLog(buffer.toString('utf8', 0, whole)), next: start + whole };
  } finally {
    await file.close();
  }
}
