/**
 * The layers of a runtime, in the order in which they are taken down: what watches over the others first, then the
 * services, so that what they would count while their targets go away is nobody's failure; what works inside the
 * process; the target systems; and last what keeps others from beginning on the same folder.
 */
const LAYERS = ['watch', 'services', 'inside', 'targets', 'folder'] as const;
type Layer = (typeof LAYERS)[number];

/** Everything that was brought up and has to be taken down again. */
export class TakeDown {
  readonly #closing = new Map<Layer, (() => Promise<unknown>)[]>();

  /** Within a layer, what came last goes first. */
  add(layer: Layer, close: () => Promise<unknown>): void {
    this.#closing.set(layer, [close, ...(this.#closing.get(layer) ?? [])]);
  }

  /** Takes all of it down, whatever becomes of each. Answers the first thing that went wrong. */
  async all(): Promise<unknown> {
    let failure: unknown;
    for (const close of LAYERS.flatMap((layer) => this.#closing.get(layer) ?? [])) {
      await close().catch((error: unknown) => (failure ??= error));
    }
    this.#closing.clear();
    return failure;
  }
}
