/** Why a bed is not to be had, in one sentence for whoever started the run. */
export class BedError extends Error {
  override readonly name = 'BedError';
  /** 3: the machine lacks something. 1: a bed did not start, or answered nonsense. */
  readonly exitCode: 1 | 3;

  constructor(exitCode: 1 | 3, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
