// A certified OpenID Provider on loopback. Prints one JSON line when it is ready, and one for each thing that a
// test wants to know of. Ends with its standard input, so that it never outlives the test.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const tokenLife = Number(process.argv[2] ?? 300);
// `registration`: applications may register themselves, for whoever has the token.
const registration = process.argv[3] === 'registration';
// The provider's own pages fetch a font from elsewhere.
const page = (context, title, form = '', button = '') => {
  context.body = `<!doctype html><title>${title}</title><h1>${title}</h1>${form}${button}`;
};
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
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
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
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 1), requireNonce: () => true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (context, form, _out, error) => page(context, error ? 'Refused' : 'Device', form, '<button type="submit" form="op.deviceInputForm">Go on</button>'),
        userCodeConfirmSource: (context, form) => page(context, 'Device', form, '<button type="submit" form="op.deviceConfirmForm">Go on</button>'),
        successSource: (context) => page(context, 'Finished'),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, _client, oneOf) => oneOf,
        getResourceServerInfo: (_context, resource) => ({ scope: 'notes:read', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: tokenLife }),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => page(context, 'Sign out', form, '<button type="submit" form="op.logoutForm" value="yes" name="logout">Yes</button>'),
        postLogoutSuccessSource: (context) => page(context, 'Finished'),
      },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: { AccessToken: tokenLife, IdToken: tokenLife, RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 600 },
    cookies: { keys: ['a test needs no secret here'] },
  });
  provider.on('grant.success', (context) => say({ event: 'grant', type: context.oidc.params.grant_type }));
  provider.on('grant.error', (_context, error) => {
    // A device that asks too early is told so: no fault of anybody.
    if (error.error !== 'authorization_pending') say({ event: 'grant_error', error: error.error });
  });
  provider.on('grant.revoked', () => say({ event: 'revoked' }));
  provider.on('pushed_authorization_request.success', () => say({ event: 'pushed' }));
  provider.on('end_session.success', () => say({ event: 'session_ended' }));
  provider.on('authorization.error', (_context, error) => say({ event: 'authorization_error', error: error.error }));
  handle = provider.callback();
  say({ event: 'ready', issuer });
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
