import type { Page } from '../../core/ports/pager.ts';

/** SNS takes at most 100 characters of printable ASCII (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html). */
const SUBJECT_LIMIT = 100;

/** Carriers cut an SMS here. */
const SMS_LIMIT = 140;

/**
 * A page longer than this helps nobody, and SNS takes 256 KB for all forms of a message together. What comes
 * last, the first command, must not be what a limit cuts off.
 */
const MAX_REASONS = 10;
const MAX_TEXT = 1000;

/** The subject line of a page: one line, ASCII, never starting with a blank. */
export function pageSubject({ severity, title, subject }: Page): string {
  const line = `[${severity}] ${title}: ${subject}`.replaceAll(/[^\x20-\x7E]+/g, '?').trimEnd();
  return cut(line, SUBJECT_LIMIT);
}

/** The page as a person reads it in a mail. */
export function pageText(page: Page): string {
  const { title, subject, reasons, firstCommand, severity, at, id } = shortened(page);
  const lines = [
    title,
    '',
    `About:    ${subject}`,
    `Severity: ${severity}`,
    `At:       ${at}`,
    '',
    ...reasons.map((reason) => `- ${reason}`),
    '',
    'First command to run:',
    `  ${firstCommand}`,
    '',
    `Page ${id}`,
  ];
  return lines.join('\n');
}

/** The page as a program reads it: the same fields. */
export const pageJson = (page: Page): string => JSON.stringify(shortened(page));

function shortened(page: Page): Page {
  const more = page.reasons.length - MAX_REASONS;
  const reasons = page.reasons.slice(0, MAX_REASONS).map((reason) => cut(reason, MAX_TEXT));
  return {
    ...page,
    title: cut(page.title, MAX_TEXT),
    subject: cut(page.subject, MAX_TEXT),
    firstCommand: cut(page.firstCommand, MAX_TEXT),
    reasons: more > 0 ? [...reasons, `and ${more} more`] : reasons,
  };
}

/** The page on a telephone. */
export const pageShort = ({ severity, title, firstCommand }: Page): string =>
  cut(`Lockstep ${severity}: ${title}. Run: ${firstCommand}`, SMS_LIMIT);

const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 3)}...`;
