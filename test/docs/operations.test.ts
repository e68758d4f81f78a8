import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeProgram } from '../../cli/program.ts';
import {
  APPEND_AUDIT_TIMEOUT_SECONDS,
  TARGET_TIMEOUT_SECONDS,
} from '../../lambdas/contracts/function-timeouts.ts';
import { ALARMS } from '../../lambdas/core/alarms.ts';
import { REMEDIES } from '../../lambdas/core/errors.ts';
import { backoffSeconds, DELIVERY_RETRIES } from '../../lambdas/core/propagation/backoff.ts';
import type { RuleName } from '../../lambdas/core/watch/finding.ts';
import { titleOf } from '../../lambdas/core/watch/page-words.ts';
import { invokeSettings, storeSettings, worstCaseMs } from '../../lambdas/shell/client-settings.ts';
import { page, tableRows } from './code-blocks.ts';

const PAGE = 'docs/operations.md';
const text = page(PAGE);

/** What stands under a heading, up to the next one of its rank. */
function section(heading: string): string {
  const [, after] = text.split(`\n### ${heading}\n`);
  return after?.split(/\n##+ /)[0] ?? '';
}

/** Every rule of the watch: one that is forgotten here does not compile. */
const RULES: Readonly<Record<RuleName, true>> = {
  'root-read': true,
  'unbound-read': true,
  'denied-burst': true,
  'retired-version-read': true,
  'rotation-role-without-intent': true,
  'foreign-lease': true,
  'token-replayed': true,
};

/** Titles of the pages that no alarm and no rule makes, as the code writes them. */
const OTHER_PAGES = [
  { heading: 'a dependent has not moved', from: 'lambdas/advance-rotation/decide-deadline.ts' },
  { heading: 'not everybody has returned', from: 'lambdas/advance-rotation/decide-deadline.ts' },
  { heading: 'rolled back at its deadline', from: 'lambdas/advance-rotation/decide-deadline.ts' },
  { heading: 'it cannot be rolled back', from: 'lambdas/advance-rotation/restore-and-expect.ts' },
  { heading: 'breach mode', from: 'lambdas/operate/answer-breach.ts' },
  { heading: 'the glass was broken', from: 'lambdas/grant-lease/break-glass.ts' },
  { heading: 'nobody has reviewed a broken glass', from: 'lambdas/sweep-leases/page-unreviewed.ts' },
  { heading: 'leases that nobody issued', from: 'lambdas/sweep-leases/take-in.ts' },
  { heading: 'somebody asks for approval', from: 'lambdas/grant-lease/ask-approval.ts' },
  { heading: 'Lockstep test page', from: 'lambdas/operate/test-pager.ts' },
];

describe('the runbook', () => {
  it.each(ALARMS)('has for the alarm $id what happened, how to see it, what to do and what not', (alarm) => {
    const found = section(alarm.id);
    expect(found).toContain(`_${alarm.title}_ (${alarm.severity})`);
    expect(found).toContain(`**First command.** \`${alarm.firstCommand}\``);
    expect(found.match(/^\*\*(.*?)\*\*/gm)?.slice(0, 5)).toEqual([
      '**What happened.**',
      '**See it.**',
      '**First command.**',
      '**Do.**',
      '**Do not.**',
    ]);
  });

  it('has a price for each of them', () => {
    expect(page('docs/deploy.md')).toContain(`(${ALARMS.length} of Lockstep, `);
  });

  it.each(Object.keys(RULES) as RuleName[])('has a section for the page of the rule %s', (rule) => {
    expect(section(rule)).toContain(`_${titleOf(rule, 1)}_`);
  });

  it.each(OTHER_PAGES)('has a section for the page "$heading"', ({ heading, from }) => {
    expect(section(heading).length).toBeGreaterThan(80);
    expect(page(from)).toContain(heading);
  });

  it('knows every code, and who acts', () => {
    const shown = tableRows(PAGE)
      .filter(
        ([code = '', remedy = '']) =>
          /^`[A-Z_]+`$/.test(code) && ['retry', 'operator', 'sender'].includes(remedy),
      )
      .map(([code = '', remedy]) => [code.slice(1, -1), remedy]);
    expect(Object.fromEntries(shown)).toEqual(REMEDIES);
    expect(shown).toHaveLength(Object.keys(REMEDIES).length);
  });

  it('has a section for every place in the code that asks for a page', () => {
    const root = new URL('../../lambdas/', import.meta.url);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const asking = files.filter(
      (name) =>
        !/^(core|contracts)\//.test(name) &&
        !name.startsWith('page-on-call/') &&
        readFileSync(new URL(name, root), 'utf8').includes("'page.requested'"),
    );
    const known = [...OTHER_PAGES.map(({ from }) => from), 'lambdas/detect-access/report-suspicion.ts'];
    expect(asking.map((name) => `lambdas/${name}`).sort()).toEqual([...new Set(known)].sort());
  });
});

describe('the table of retries', () => {
  const rowOf = (who: string): readonly string[] =>
    tableRows(PAGE).find(([first = '']) => first.startsWith(who)) ?? [];
  const seconds = (milliseconds: number): string => `${milliseconds / 1000} s`;

  it('tells how the clients of stores are configured, and what comes of it', () => {
    const { maxAttempts, requestHandler } = storeSettings();
    const { connectionTimeout, requestTimeout, socketTimeout } = requestHandler;
    const [, attempts, one, , why] = rowOf('any function: a store');
    expect(attempts).toBe(String(maxAttempts));
    expect(one).toBe(
      `${seconds(connectionTimeout)} to connect, ${seconds(requestTimeout)} until the answer begins, ${seconds(socketTimeout)} in which nothing comes`,
    );
    expect(why).toContain(`after ${seconds(maxAttempts * (connectionTimeout + requestTimeout))}`);
    expect(why).toContain(`${seconds(worstCaseMs(storeSettings()))} at the very worst`);
  });

  it.each([
    ['any function: `append-audit`', APPEND_AUDIT_TIMEOUT_SECONDS],
    ['any function: a target function', TARGET_TIMEOUT_SECONDS],
  ])('tells how long is waited for %s', (who, timeoutSeconds) => {
    const { requestTimeout } = invokeSettings(timeoutSeconds).requestHandler;
    expect(rowOf(who)[2]).toContain(
      `${seconds(requestTimeout)} for the answer (it may run ${timeoutSeconds} s)`,
    );
  });

  it('tells how often a queue delivers, and for how long', () => {
    const waits = Array.from({ length: DELIVERY_RETRIES.maxAttempts - 1 }, (_, index) =>
      backoffSeconds(DELIVERY_RETRIES, index + 1, 0.5),
    );
    const minutes = waits.reduce((sum, wait) => sum + wait, 0) / 60;
    const [, attempts, , , why] = rowOf('a queue: its function');
    expect(attempts).toBe(String(DELIVERY_RETRIES.maxAttempts));
    expect(why).toContain('some fifty minutes');
    expect(Math.round(minutes / 10)).toBe(5);
  });
});

describe('every command that the documents and alarms name', () => {
  const documents = [
    PAGE,
    'docs/leases.md',
    'docs/threat-model.md',
    'docs/not-proven-here.md',
    'docs/formats/audit.md',
    'CONTRIBUTING.md',
  ];
  const named = documents.flatMap((path) =>
    [...page(path).matchAll(/`(lockstep [a-z][^`\n]*)`/g)].map(([, each = '']) => each),
  );
  const commands = [...new Set([...named, ...ALARMS.map(({ firstCommand }) => firstCommand)])];

  it.each(commands)('%s', (command) => {
    expect(understood(command)).toBe('understood');
  });
});

/** Whether the command line takes a command, with names in place of what stands in brackets. Nothing is run. */
function understood(command: string): string {
  const words = (command.replaceAll(/<[a-z ]+>/g, 'some-name').match(/'[^']*'|\S+/g) ?? []).slice(1);
  const quiet = { write: () => undefined, isTerminal: false };
  const program = makeProgram({ output: quiet, errors: quiet, version: '0' }, () => async () => undefined);
  try {
    program.parse([...words], { from: 'user' });
    return 'understood';
  } catch (error) {
    return error instanceof Error ? error.message : 'not understood';
  }
}
