import { describeError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';

/** How much something matters, from least to most. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

/** What may be said besides the message: ids, names and numbers. Never a body, an event or a value. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes what happened for whoever reads the log: one JSON object a line. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** An error, by its code and our own message; of a foreign one only its class. */
  failure(message: string, error: unknown, fields?: LogFields): void;
}

/** What a log needs from outside. */
export interface LogOptions {
  /** The least level that is written. */
  readonly level: Level;
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** Said in every line: the function, the environment. */
  readonly always?: LogFields;
}

/** Longer texts are cut: a log line is not the place for them. */
const MAX_TEXT = 2048;

/** A `Log` of JSON lines. It never throws: what is being logged matters more than the log. */
export function createLog({ level, clock, write, always = {} }: LogOptions): Log {
  const say = (each: Level, message: string, fields: LogFields): void => {
    if (LEVELS.indexOf(each) < LEVELS.indexOf(level)) return;
    try {
      // Our own words come last, so that no field can take their place.
      const line = { ...always, ...fields, level: each, at: clock().toISOString(), message };
      write(JSON.stringify(line, (_key, value: unknown) => (typeof value === 'string' ? cut(value) : value)));
    } catch {
      // Nothing to do, and nowhere to say it that could not fail as well.
    }
  };
  return {
    debug: (message, fields = {}) => say('debug', message, fields),
    info: (message, fields = {}) => say('info', message, fields),
    warn: (message, fields = {}) => say('warn', message, fields),
    error: (message, fields = {}) => say('error', message, fields),
    failure: (message, error, fields = {}) => {
      const { code, message: detail } = describeError(error);
      say('error', message, { ...fields, code, detail });
    },
  };
}

const cut = (text: string): string => (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`);
