// Which field of a profile a refusal is about: where somebody is led who has to mend it.

import type { Refusal } from './api/Refusal';

/** In the order in which they stand. `redirects` is what is registered at the provider. */
export const fields = ['issuer', 'clientId', 'secret', 'redirects', 'audience', 'name', 'scopes', 'ports'] as const;

export type FieldName = (typeof fields)[number];

/** The first that fits counts; the codes are those of docs/errors.md. */
const FIELDS: readonly [RegExp, FieldName][] = [
  // What `profiles.toml` does not take.
  [/^config\.(bad_|insecure_)?issuer$|^config\.(mixed_domains|bad_endpoint)$/, 'issuer'],
  [/^config\..*client_id/, 'clientId'],
  [/^config\..*secret|^config\.(credential_missing|client_auth_unsupported)$/, 'secret'],
  [/^config\..*scope|^config\.(openid_missing|account_and_openid)$/, 'scopes'],
  [/^config\..*(audience|resource)/, 'audience'],
  [/^config\.(bad_redirect|redirect_port|redirect_path)$/, 'ports'],
  [/^config\.(bad_name|name_taken|profile_exists)$/, 'name'],
  // What the provider says of itself, and the way to it.
  [/^(discovery|net|jwks)\./, 'issuer'],
  [/^(callback|idtoken)\.iss_/, 'issuer'],
  // What the provider does not take.
  [/^(callback\.unauthorized_client|callback\.unsupported_response_type|token\.client_rejected)$/, 'clientId'],
  [/^(token\.unsupported_grant_type|device\.refused)$/, 'clientId'],
  [/^idtoken\.(aud|azp)_/, 'clientId'],
  [/^(callback|token)\.invalid_scope$/, 'scopes'],
  [/^(callback|token)\.invalid_target$/, 'audience'],
  // Nobody comes back where the redirect URI is not registered: the provider keeps the browser.
  [/^callback\.timeout$/, 'redirects'],
  [/^listener\./, 'ports'],
];

/** The field a refusal is about; nothing when it is about no field. */
export function fieldOf(refusal: Refusal): FieldName | null {
  return FIELDS.find(([code]) => code.test(refusal.code))?.[1] ?? null;
}
