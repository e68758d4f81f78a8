import { isPresentable } from './found.ts';

/** An account at a target part by part: a part that might be a pasted secret is told by its length alone. */
export const shownAccount = (account: string): string =>
  account
    .split('/')
    .map((part) => (isPresentable(part) ? part : `<${part.length} characters>`))
    .join('/');
