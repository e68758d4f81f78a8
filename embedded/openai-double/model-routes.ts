import { ApiError } from './api-error.ts';
import type { Call } from './call.ts';
import { queryOf } from './query.ts';
import { seconds } from './shapes.ts';
import { fields, list, number, oneOf, optional, text, type Field } from './strict-fields.ts';

/** The one model here. */
const DOUBLE_MODEL = 'gpt-double';

/** `GET /models` */
export function listModels({ search }: Call): unknown {
  queryOf(search, []);
  return {
    object: 'list',
    data: [{ id: DOUBLE_MODEL, object: 'model', created: 0, owned_by: 'lockstep-double' }],
  };
}

const message: Field<{ readonly role: string; readonly content: string }> = (value) =>
  fields(value, { role: oneOf('developer', 'system', 'user', 'assistant'), content: text(100_000) });

const SAID = 'This is a double: it says this to every question.';

/** `POST /chat/completions`, in its smallest form. */
export function createCompletion({ search, body, now }: Call): unknown {
  queryOf(search, []);
  const { model, messages } = fields(body, {
    model: text(256),
    messages: list(message),
    temperature: optional(number({ min: 0, max: 2, whole: false })),
    max_completion_tokens: optional(number({ min: 1, max: 1_000_000, whole: true })),
    user: optional(text(256)),
  });
  if (model !== DOUBLE_MODEL)
    throw new ApiError(404, 'The model does not exist here.', { code: 'model_not_found', param: 'model' });
  const promptTokens = messages.reduce((sum, { content }) => sum + content.split(/\s+/).length, 0);
  const completionTokens = SAID.split(' ').length;
  return {
    id: `chatcmpl-double-${now.getTime()}`,
    object: 'chat.completion',
    created: seconds(now.getTime()),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: SAID, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  };
}
