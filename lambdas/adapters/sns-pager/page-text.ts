import type { Page } from '../../core/ports/pager.ts';

/** SNS takes at most 100 characters of printable ASCII (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html). */
const SUBJECT_LIMIT = 100;

/** Carriers cut an SMS here. */
const SMS_LIMIT = 140;

/** SNS takes 256 KB for all forms of a message together; a page that long helps nobody. */
const TEXT_LIMIT = 16_384;

/** The subject line of a page: one line, ASCII, never starting with a blank. */
export function pageSubject({ severity, title, subject }: Page): string {
  const line = `[${severity}] ${title}: ${subject}`.replaceAll(/[^\x20-\x7E]+/g, '?').trimEnd();
  return cut(line, SUBJECT_LIMIT);
}

/** The page as a person reads it in a mail. */
export function pageText(page: Page): string {
  const { title, subject, reasons, firstCommand, severity, at, id } = page;
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
  return cut(lines.join('\n'), TEXT_LIMIT);
}

/** The page as a program reads it: the same fields, shortened where a reason would not fit. */
export function pageJson(page: Page): string {
  const whole = JSON.stringify(page);
  if (whole.length <= TEXT_LIMIT) return whole;
  const reasons = page.reasons.slice(0, 10).map((reason) => cut(reason, 1000));
  return JSON.stringify({ ...page, reasons });
}

/** The page on a telephone. */
export const pageShort = ({ severity, title, firstCommand }: Page): string =>
  cut(`Lockstep ${severity}: ${title}. Run: ${firstCommand}`, SMS_LIMIT);

const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 3)}...`;
