// Judges ID tokens with oauth4webapi, the way a client built on it does after a token request: the answer of the
// token endpoint first, then the signature against the provider's keys. One case as JSON per line comes in, one
// verdict per line goes out, in the same order.

import { createInterface } from 'node:readline';

// Newer versions of Node decode base64url by themselves, and more strictly: the library's own decoder is used
// everywhere, so that one verdict is right for every version.
delete Uint8Array.fromBase64;
const oauth = await import('oauth4webapi');

// The clock stands still; how far it is off in each case, the library's own option says.
const still = Math.floor(Date.now() / 1000);
Date.now = () => still * 1000;

const json = (body) => new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });

async function judge(it) {
  const as = {
    issuer: it.issuer,
    token_endpoint: `${it.issuer}/token`,
    jwks_uri: `${it.issuer}/jwks`,
    ...(it.algs && { id_token_signing_alg_values_supported: it.algs }),
  };
  const client = {
    client_id: it.client_id,
    [oauth.clockSkew]: it.now - still,
    [oauth.clockTolerance]: it.leeway,
  };
  const answer = json({ access_token: it.access_token, token_type: 'Bearer', id_token: it.token });
  if (it.grant === 'refresh_token') {
    await oauth.processRefreshTokenResponse(as, client, answer);
  } else {
    await oauth.processAuthorizationCodeResponse(as, client, answer, {
      expectedNonce: it.nonce ?? oauth.expectNoNonce,
      maxAge: it.max_age ?? oauth.skipAuthTimeCheck,
      requireIdToken: true,
    });
  }
  await oauth.validateApplicationLevelSignature(as, answer, {
    [oauth.customFetch]: async (url) => {
      if (url !== as.jwks_uri) throw new Error(`asked for ${url}`);
      return json({ keys: it.keys });
    },
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const verdict = await judge(JSON.parse(line)).then(
    () => ({ believed: true, why: '' }),
    (error) => ({ believed: false, why: `${error.code ?? error.name}: ${error.message}` }),
  );
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
}
