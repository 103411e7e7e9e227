// A certified OpenID Provider on loopback for what happens after a sign-in: applications of their own, two APIs,
// introspection, proofs of possession, signed details, and the way back from a sign-out. Prints one JSON line when it is
// ready, and one for each thing that a test wants to know of. Ends with its standard input.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const secret = process.argv[2];
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

let handle = (_request, response) => response.writeHead(503).end();
const server = createServer((request, response) => handle(request, response));
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'desktop',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['http://127.0.0.1/cb/real'],
        post_logout_redirect_uris: ['http://127.0.0.1/signed-out/real'],
        userinfo_signed_response_alg: 'RS256',
      },
      {
        client_id: 'service',
        client_secret: secret,
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      },
    ],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Person ${id}`, email: `${id}@example.test` }),
    }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      dPoP: { enabled: true },
      introspection: { enabled: true },
      jwtUserinfo: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => false,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'read write',
          audience: resource,
          accessTokenTTL: 300,
          accessTokenFormat: resource.includes('opaque') ? 'opaque' : 'jwt',
        }),
      },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: { AccessToken: 300, ClientCredentials: 300, IdToken: 300, RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 600 },
    cookies: { keys: ['a test needs no secret here'] },
  });
  provider.on('grant.success', (context) => say({ event: 'grant', type: context.oidc.params.grant_type }));
  provider.on('grant.error', (_context, error) => say({ event: 'grant_error', error: error.error, detail: error.error_detail }));
  provider.on('authorization.error', (_context, error) => say({ event: 'authorization_error', error: error.error }));
  handle = provider.callback();
  say({ event: 'ready', issuer });
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
