import { Secret } from '../../../lambdas/core/secret.ts';
import { formsOf } from '../../scenarios/canary-forms.ts';
import type { Interceptor } from '../proxy/bed-proxy.ts';

/** Every value that has passed between anybody and the vault, so that it can be searched for elsewhere. */
export class Canaries {
  readonly #values = new Set<string>();
  readonly #signatures = new Set<string>();

  /** Values travel in these two calls, and nowhere else. */
  readonly interceptor: Interceptor = async (call, pass) => {
    const answer = await pass(call);
    if (call.service !== 'secretsmanager') return answer;
    if (call.action === 'PutSecretValue') this.keep(call.parameters['SecretString']);
    if (call.action === 'GetSecretValue' && answer.status === 200)
      this.keep((JSON.parse(answer.body.toString('utf8')) as Record<string, unknown>)['SecretString']);
    return answer;
  };

  get count(): number {
    return this.#values.size + this.#signatures.size;
  }

  /** The places in which one of them is found, in any form that a value may take on its way. */
  found(places: ReadonlyMap<string, string>): readonly string[] {
    const forms = [...this.#values].flatMap((value) => formsOf(new Secret(value)));
    forms.push(...this.#signatures);
    return [...places].filter(([, text]) => forms.some((form) => text.includes(form))).map(([name]) => name);
  }

  /** Also keeps a value that came another way: a lease is handed over by the broker, and no vault has it. */
  keep(value: unknown): void {
    // what a stranger puts is no value of ours
    if (typeof value === 'string' && value.startsWith('{')) this.#values.add(value);
  }

  /**
   * Keeps a token as well: whoever finds one that is still good is who it says. Without its signature it is worth nothing,
   * and that has no characters that are written otherwise anywhere.
   */
  keepToken(token: Secret): void {
    this.#signatures.add(token.reveal().split('.').at(-1) ?? '');
  }
}
