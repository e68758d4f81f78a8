import type { Page } from '../../lambdas/core/ports/pager.ts';

/** A page as on-call reads it on a terminal. Plain characters only, whatever a name may hold. */
export function pageText(page: Page): string {
  const lines = [
    `PAGE (${page.severity}) ${page.title}`,
    `  about: ${page.subject}`,
    ...page.reasons.map((reason) => `  - ${reason}`),
    `  first: ${page.firstCommand}`,
    `  at ${page.at}, ${page.id}`,
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** Names come from people: an escape sequence in one must not move a terminal's cursor. */
const printable = (line: string): string => line.replaceAll(/\p{Cc}/gu, '?');
