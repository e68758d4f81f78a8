import type { Secret } from '../../lambdas/core/secret.ts';
import type { HeaderList } from './header-list.ts';

/** A request before and after the credential was put into it. */
export interface Puttable {
  readonly method: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly query: string;
  readonly headers: HeaderList;
  /** SHA-256 of the body in hexadecimal digits, where it had to be read before it could be sent. */
  readonly bodyDigest?: string;
}

/** A request that carries it, and every text that must not come back in an answer. */
export interface Carrying extends Pick<Puttable, 'path' | 'query' | 'headers'> {
  readonly secrets: readonly Secret[];
}
