// A certified OpenID Provider on loopback. Prints one JSON line when it is ready, and one for each thing that a
// test wants to know of. Ends with its standard input, so that it never outlives the test.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const tokenLife = Number(process.argv[2] ?? 300);
// `registration`: applications may register themselves, for whoever has the token.
const registration = process.argv[3] === 'registration';
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
      },
    ],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Person ${id}`, email: `${id}@example.test` }),
    }),
    features: {
      revocation: { enabled: true },
      devInteractions: { enabled: true },
      registration: { enabled: registration, initialAccessToken: registration ? 'a-token-to-begin-with' : undefined },
      registrationManagement: { enabled: registration },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: { AccessToken: tokenLife, IdToken: tokenLife, RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 600 },
    cookies: { keys: ['a test needs no secret here'] },
  });
  provider.on('grant.success', (context) => say({ event: 'grant', type: context.oidc.params.grant_type }));
  provider.on('grant.error', (_context, error) => say({ event: 'grant_error', error: error.error }));
  provider.on('grant.revoked', () => say({ event: 'revoked' }));
  provider.on('authorization.error', (_context, error) => say({ event: 'authorization_error', error: error.error }));
  handle = provider.callback();
  say({ event: 'ready', issuer });
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
