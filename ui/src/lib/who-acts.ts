// Who must act on a refusal, by its code, as docs/errors.md tells it: a test compares the two.

import type { Refusal } from './api/Refusal';

export type Actor = 'you' | 'provider' | 'computer' | 'nobody' | 'us';

/** All other codes are for the person. */
const OTHERS: Record<Exclude<Actor, 'you'>, Record<string, readonly string[]>> = {
  provider: {
    config: ['end_session_not_offered'],
    discovery: ['bad_document', 'bad_endpoint', 'no_code_flow', 'no_usable_alg'],
    net: ['tls_expired', 'tls_not_yet_valid', 'tls_too_old', 'tls_failed', 'too_large', 'unexpected_redirect'],
    browser: ['bad_url'],
    callback: ['unauthorized_client', 'unsupported_response_type', 'iss_mismatch', 'iss_missing', 'duplicate_parameter', 'token_in_url', 'no_code'],
    device: ['refused', 'bad_answer', 'bad_uri'],
    registration: ['bad_answer', 'not_as_asked', 'not_forgotten'],
    token: ['unsupported_grant_type', 'not_json', 'too_large', 'bad_response', 'bad_field', 'unsupported_type', 'dpop_downgrade', 'bad_characters', 'introspection_not_offered', 'introspection_refused', 'introspection_bad_answer', 'revocation_not_offered', 'revocation_unsupported', 'revocation_refused'],
    dpop: ['nonce_loop', 'bad_nonce'],
    idtoken: ['missing', 'malformed', 'encrypted_unsupported', 'alg_not_allowed', 'crit_unsupported', 'wrong_type', 'bad_signature', 'iss_mismatch', 'aud_untrusted', 'sub_missing', 'iat_missing', 'nonce_mismatch', 'nonce_missing', 'at_hash_mismatch', 'auth_time_missing', 'claim_type'],
    jwks: ['unavailable', 'bad_document', 'unusable_key'],
    userinfo: ['unavailable', 'bad_document', 'signed_unsupported', 'signature_refused', 'sub_mismatch'],
    refresh: ['iss_changed', 'sub_changed', 'azp_changed', 'auth_time_changed', 'nonce_changed'],
    store: ['too_large'],
  },
  computer: {
    config: ['bad_proxy', 'bad_ca_file', 'incomplete', 'no_window', 'no_home'],
    net: ['proxy', 'proxy_auth', 'tls_untrusted'],
    listener: ['blocked', 'no_loopback'],
    store: ['no_service', 'unusable', 'no_permission', 'read_only', 'io', 'unsaved', 'no_folder'],
    broker: ['no_socket', 'untrusted_socket'],
    demo: ['cannot_start'],
    desktop: ['no_command'],
    test: ['no_browser'],
  },
  nobody: {
    discovery: ['unavailable'],
    net: ['timeout', 'no_answer', 'revocation_later'],
    callback: ['server_error', 'temporarily_unavailable'],
    token: ['server_error'],
    jwks: ['no_matching_key'],
    refresh: ['later'],
    store: ['lock_busy'],
    broker: ['busy'],
  },
  us: {
    bug: ['host', 'renewal', 'demo'],
  },
};

const actors = new Map(
  (Object.keys(OTHERS) as (keyof typeof OTHERS)[]).flatMap((actor) =>
    Object.entries(OTHERS[actor]).flatMap(([family, names]) => names.map((name): [string, Actor] => [`${family}.${name}`, actor])),
  ),
);

export function whoActs({ code }: Refusal): Actor {
  return actors.get(code) ?? 'you';
}
