/** What on-call reads at night. Every text is safe to send anywhere: ids and names, never a value. */
export interface Page {
  /** Repeats with its cause, so that a receiver can fold repeats into one incident. */
  readonly id: string;
  readonly severity: 'critical' | 'high' | 'medium' | 'test';
  readonly title: string;
  /** The credential, queue or function it is about. */
  readonly subject: string;
  /** What happened, in plain words: a sentence each. */
  readonly reasons: readonly string[];
  /** The first command to run. */
  readonly firstCommand: string;
  readonly at: string;
}

/** Takes a page to a person. Durable when it returns; throws when it could not be handed over. */
export interface Pager {
  page(page: Page): Promise<void>;
}
