import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { fieldOf, fields } from '../src/lib/field-of';
import { refusal } from '../src/lib/mock/samples';

const codes = [...readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8').matchAll(/^\| `([a-z]+\.[a-z_]+)` \|/gm)].map(([, code = '']) => code);

describe('the field that a refusal is about', () => {
  it.each([
    ['config.bad_issuer', 'issuer'],
    ['discovery.not_found', 'issuer'],
    ['net.dns', 'issuer'],
    ['idtoken.iss_mismatch', 'issuer'],
    ['config.bad_client_id', 'clientId'],
    ['token.client_rejected', 'clientId'],
    ['callback.unauthorized_client', 'clientId'],
    ['idtoken.aud_mismatch', 'clientId'],
    ['config.bad_client_secret', 'secret'],
    ['config.client_auth_unsupported', 'secret'],
    ['callback.timeout', 'redirects'],
    ['config.bad_scope', 'scopes'],
    ['callback.invalid_scope', 'scopes'],
    ['config.bad_resource', 'audience'],
    ['callback.invalid_target', 'audience'],
    ['token.invalid_target', 'audience'],
    ['config.bad_redirect', 'ports'],
    ['listener.no_port', 'ports'],
    ['config.bad_name', 'name'],
  ])('%s: %s', (code, field) => {
    expect(codes).toContain(code);
    expect(fieldOf(refusal(code, ''))).toBe(field);
  });

  it.each(['store.locked', 'callback.access_denied', 'callback.server_error', 'config.dpop_unsupported', 'config.response_mode_unsupported', 'config.unwritable'])('%s: none', (code) => {
    expect(codes).toContain(code);
    expect(fieldOf(refusal(code, ''))).toBeNull();
  });

  it('is told for every field', () => {
    const told = new Set(codes.map((code) => fieldOf(refusal(code, ''))));
    for (const field of fields) expect(told).toContain(field);
  });
});
