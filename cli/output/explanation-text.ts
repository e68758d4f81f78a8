import type { Circumstances } from '../../lambdas/cedar/review/circumstances.ts';
import type { Explanation } from '../../lambdas/cedar/review/explain.ts';
import type { Change } from '../../lambdas/cedar/review/smallest-changes.ts';
import { inWords } from '../../lambdas/contracts/inventory/duration.ts';
import { conditionText } from './condition-text.ts';
import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';
import { tableText } from './table.ts';

/** An explanation, with what it is about. */
export interface Explained extends Explanation {
  readonly environment: string;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly circumstances: Circumstances;
}

/** Why a request is answered as it is. */
export function explanationText(explained: Explained, paint: Paint): string {
  const { says, changes, allowed } = explained;
  const head = ['POLICY', 'FILE', 'SAYS', 'OF', 'HOLDS', 'WHERE'].map((text) => ({
    text,
    paint: paint.faint,
  }));
  const rows = says.map(({ id, file, effect, of, holds, where }) => [
    { text: id, paint: holds === 'no' ? paint.faint : paint.strong },
    file,
    effect,
    of,
    holds,
    where.length === 0 ? 'always' : conditionText(where),
  ]);
  return [
    plainText(requestLine(explained)),
    '',
    answerLine(explained, paint),
    ...purposeLines(explained),
    '',
    ...(rows.length === 0
      ? ['No policy fits this principal and this resource.']
      : [tableText([head, ...rows])]),
    ...(changes.length === 0
      ? ['', `No change of the circumstances would ${allowed ? 'deny' : 'allow'} it.`]
      : ['', `What would ${allowed ? 'deny' : 'allow'} it:`, ...changes.map(changeLine)]),
  ].join('\n');
}

function requestLine({ environment, principal, action, resource, circumstances }: Explained): string {
  const { purpose, ttlSeconds, approvals, mfa, breakGlass, source } = circumstances;
  const said = [
    ...(purpose === undefined ? [] : [`for ${purpose}`]),
    ...(ttlSeconds === undefined ? [] : [inWords(ttlSeconds)]),
    ...(purpose === undefined && approvals === 0 ? [] : [approvalWords(approvals)]),
    mfa ? 'with a second factor' : 'without a second factor',
    ...(breakGlass ? ['breaking the glass'] : []),
    ...(source === undefined ? [] : [`from ${source}`]),
  ];
  return `${environment}: ${principal}, ${action} ${resource}, ${said.join(', ')}`;
}

function answerLine(
  { allowed, policies, errors, approvalsNeeded, approvers = [], denials }: Explained,
  paint: Paint,
): string {
  if (allowed) return `${paint.good('allowed')} by ${policies.join(', ')}`;
  if (errors.length > 0) return `${paint.bad('denied')}: the evaluation failed of ${errors.join(', ')}`;
  if (approvalsNeeded !== undefined)
    return `${paint.odd(`needs ${approvalWords(approvalsNeeded)}`)}, says ${denied(denials)}; people who may: ${approvers.join(', ') || 'nobody'}`;
  return denials
    .map(({ by, policies: ids }) => {
      const whom = by === 'acting-for' ? ' to the person that it acts for' : '';
      return ids.length === 0
        ? `${paint.bad('denied')}${whom}: no policy permits it`
        : `${paint.bad('denied')}${whom} by ${ids.join(', ')}`;
    })
    .join('; ');
}

/** The policies that deny, whoever it is that they deny it to. */
const denied = (denials: Explained['denials']): string =>
  [...new Set(denials.flatMap(({ policies }) => policies))].join(', ');

function purposeLines({ circumstances: { purpose }, purposes }: Explained): readonly string[] {
  if (!purposes || purpose === undefined || purposes.includes(purpose)) return [];
  const able = purposes.length === 0 ? 'none that it is leased for' : purposes.join(', ');
  return [
    `The broker refuses it before it asks policy: this principal may not state ${purpose}; it may state ${able}.`,
  ];
}

const changeLine = (changes: readonly Change[]): string =>
  plainText(`  ${changes.map(changeWords).join(' and ')}`);

function changeWords({ what, to }: Change): string {
  switch (what) {
    case 'mfa':
      return to ? 'a second factor' : 'no second factor';
    case 'breakGlass':
      return to ? 'breaking the glass' : 'not breaking the glass';
    case 'approvals':
      return approvalWords(Number(to));
    case 'ttlSeconds':
      return inWords(Number(to));
    default:
      return `for ${String(to)}`;
  }
}

const approvalWords = (count: number): string =>
  count === 0 ? 'no approval' : `${count} approval${count === 1 ? '' : 's'}`;
