// A client built on oauth4webapi, as somebody else would write one: `foreign-client.mjs ISSUER CLIENT_ID BROWSER [careless]`.
// Signs in by a loopback redirect in BROWSER, asks userinfo, and prints how it ended as JSON. A careless one uses the
// tokens without a look at the ID token.

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import * as oauth from 'oauth4webapi';

const [issuer, clientId, browser, careless] = process.argv.slice(2);
const insecure = { [oauth.allowInsecureRequests]: true };

async function signIn() {
  const address = new URL(issuer);
  const as = await oauth.processDiscoveryResponse(address, await oauth.discoveryRequest(address, insecure));
  const client = { client_id: clientId };

  let arrived;
  const callback = new Promise((resolve) => { arrived = resolve; });
  const server = createServer((request, response) => {
    response.end('You can close this tab.');
    arrived(new URL(request.url, 'http://127.0.0.1'));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const redirectUri = `http://127.0.0.1:${server.address().port}/callback`;

  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(as.authorization_endpoint);
  const asked = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  spawn(browser, [url.href], { stdio: 'ignore' });

  try {
    const params = oauth.validateAuthResponse(as, client, await callback, state);
    const answer = await oauth.authorizationCodeGrantRequest(
      as, client, oauth.None(), params, redirectUri, verifier, insecure);
    const tokens = careless
      ? await answer.json()
      : await oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce: nonce, requireIdToken: true });
    const details = await (await oauth.userInfoRequest(as, client, tokens.access_token, insecure)).json();
    return { ended: 'signed_in', sub: details.sub };
  } finally {
    server.close();
  }
}

const ended = await signIn().catch((error) => ({ ended: 'refused', why: error.message }));
process.stdout.write(`${JSON.stringify(ended)}\n`);
