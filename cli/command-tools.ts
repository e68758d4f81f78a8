import { InvalidArgumentError, type Command } from 'commander';
import type { Order } from '../lambdas/contracts/orders.ts';
import type { OrderAnswer } from '../lambdas/operate/operate-ports.ts';
import type { Connection } from './connection/connection.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Invocation } from './invocation.ts';
import { plainText } from './output/plain-text.ts';
import { withMoments } from './output/time-words.ts';
import { withSuggestion } from './suggest-credential.ts';

/**
 * What a command does: works with its arguments, and says how the process ends. An `ExitCode`, but for commands that run
 * a program: they end as it did.
 */
export type Work<O extends object> = (
  invocation: Invocation<O>,
  ...given: readonly (string | undefined)[]
) => Promise<number>;

/** Makes an action of commander's out of what a command does. */
export type Act = <O extends object>(work: Work<O>) => (...given: readonly unknown[]) => Promise<void>;

/** Adds a command to the program. */
export type DefineCommand = (parent: Command, act: Act) => void;

/** Examples, as the help of a command ends. The first part is typed, the second says what it does. */
export function examples(...lines: readonly (readonly [command: string, does: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return ['', 'Examples:', ...lines.map(([command, does]) => `  ${command.padEnd(width)}   ${does}`)].join(
    '\n',
  );
}

/** A number of things, from 1. Says nothing of what was given: it may have been meant for elsewhere. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number from 1 to 999999 is expected');
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a duration as Cedar writes one of one unit, or of a plain number of them. Says nothing of what was given. */
export function secondsOf(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,6})([smhd]?)$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNIT_SECONDS[unit] ?? 0);
  throw new InvalidArgumentError(
    'a duration like 90s, 15m or 1h is expected, or a whole number of seconds from 1',
  );
}

/** Orders that somebody has to carry out later: with no runtime, they are written down and wait. */
const DONE_AT_ONCE: ReadonlySet<Order['order']> = new Set(['adopt', 'hold']);

/** Gives an order and shows what became of it. `next` are commands that go on from here. */
export async function giveOrder(
  invocation: Invocation,
  order: Order,
  next: readonly string[] = [],
  codeOf: (answer: OrderAnswer) => ExitCode = () => 0,
): Promise<ExitCode> {
  const connection = await invocation.connect();
  const named = 'credential' in order ? order.credential : undefined;
  const answer = await withSuggestion(connection, named, () => connection.order(order));
  const note = noteOf(connection, order);
  const result = {
    order: order.order,
    ...answer,
    via: connection.via,
    ...(note === undefined ? {} : { note }),
  };
  const now = invocation.surroundings.clock().toISOString();
  return invocation.answer(
    result,
    () =>
      [
        plainText(withMoments(answer.said, now)),
        ...(note === undefined ? [] : [note]),
        ...next.map((command) => `  ${plainText(command)}`),
      ].join('\n'),
    codeOf(answer),
  );
}

const noteOf = ({ via }: Connection, { order }: Order): string | undefined =>
  via !== 'files' || DONE_AT_ONCE.has(order)
    ? undefined
    : 'No runtime works on this folder: the order is written down, and the next npm start carries it out.';
