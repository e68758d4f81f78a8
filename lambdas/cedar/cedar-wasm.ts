import { setFlagsFromString } from 'node:v8';

/*
 * The one door to Cedar. V8 puts calls into wasm inside of the code that makes them, once that is hot; where such a call
 * returns an object, as all of Cedar's do, and the code around it is thrown away in the middle of it, Node.js 20 ends the
 * process: "Fatal error, unreachable code" in Deoptimizer::DoComputeBuiltinContinuation. A broker that decides often enough
 * meets that. Without the shortcut it is never met, and a decision takes as long.
 *
 * Set before anything is hot. A version of V8 that has no such flag does not mind.
 */
setFlagsFromString('--no-turbo-inline-js-wasm-calls');

export {
  isAuthorized,
  isAuthorizedPartial,
  policySetTextToParts,
  policyToJson,
  policyToText,
  preparsePolicySet,
  preparseSchema,
  schemaToJson,
  statefulIsAuthorized,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
