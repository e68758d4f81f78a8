import type { Finding, RuleName } from './finding.ts';

const TITLES: Readonly<Record<RuleName, string>> = {
  'root-read': 'Root asked for a secret value',
  'unbound-read': 'A principal asked for a secret that it is not bound to',
  'denied-burst': 'A principal is trying which secrets it may read',
  'retired-version-read': 'A version that was given up is still being read',
  'foreign-lease': "Somebody asked about another's lease",
  'token-replayed': 'A token was used a second time',
  'rotation-role-without-intent': 'A role of Lockstep read a credential without a recorded reason',
};

/** What a page of that rule is called. */
export const titleOf = (rule: RuleName, findings: number): string =>
  findings === 1 ? TITLES[rule] : `${TITLES[rule]} (${findings} findings)`;

/** What a page is about, in a word or two. */
export const subjectOfPage = ({ credential }: Finding): string => credential ?? 'secrets of this account';
