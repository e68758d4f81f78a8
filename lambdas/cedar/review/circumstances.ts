/** What a request could be, as far as it is for whoever asks to choose. */
export interface Circumstances {
  readonly purpose?: string;
  readonly ttlSeconds?: number;
  /** How many others have approved it. */
  readonly approvals: number;
  readonly mfa: boolean;
  readonly breakGlass: boolean;
  readonly source?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}
