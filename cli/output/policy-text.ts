import type { Line } from '../../lambdas/cedar/review/overview.ts';
import { conditionText } from './condition-text.ts';
import type { Page } from './page.ts';
import { plainText } from './plain-text.ts';
import { tableText } from './table.ts';

/** How lines are told: which of their columns is the point of it. */
interface Telling {
  readonly title: string;
  readonly by: 'who' | 'what';
}

/** Lines of an overview as a table. A condition is Cedar's, as in the policies. */
export function linesText(lines: readonly Line[], { title, by }: Telling, { paint, width }: Page): string {
  const head = (by === 'who' ? ['WHO'] : ['ACTION', 'WHAT', 'WHO']).concat(['FOR', 'WHERE', 'BY']);
  const rows = lines.map((line) => [
    ...(by === 'who'
      ? [{ text: line.asker, paint: paint.strong }]
      : [line.action, { text: line.resource.id, paint: paint.strong }, line.asker]),
    purposeOf(line),
    needsOf(line),
    line.policies.join(', '),
  ]);
  return [
    plainText(lines.length === 0 ? `${title}: nobody, nothing` : title),
    ...(lines.length === 0
      ? []
      : ['', tableText([head.map((text) => ({ text, paint: paint.faint })), ...rows], width)]),
  ].join('\n');
}

const purposeOf = ({ purpose = '–', breakGlass }: Line): string =>
  breakGlass ? `${purpose}, breaking the glass` : purpose;

const needsOf = ({ outcome, needs }: Line): string =>
  outcome === 'always' ? 'always' : conditionText(needs);
