/** Names of what the vault holds, values apart: how `inventory list` and `drift` find what nobody declared. */
export interface SecretCatalog {
  /** The names of all secrets below a prefix. */
  list(prefix: string): Promise<readonly string[]>;
}
