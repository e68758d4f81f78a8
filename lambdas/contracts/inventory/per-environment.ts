/** One value for every environment, or a map from the environment's name to its value. */
export type PerEnvironment<T> = T | { readonly [environment: string]: T };
