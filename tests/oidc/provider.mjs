// Two OpenID providers on the loopback, of npm oidc-provider: agents' (private_key_jwt, DPoP with
// nonce, JWT access tokens) and citizens' (client_secret_basic, opaque access tokens, pivot claims).
//
//   node provider.mjs <settings.json>     prints "ready <agents' port> <citizens' port>"
//
// The sign-in page takes who signs in, and how, from its query:
//   /interaction/<uid>?sub=...&acr=...&amr=pwd,otp&age=60    or ?deny=1
// with `age` as of a sign-in so many seconds ago.
import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const found = createRequire(`${settings.modules}/`).resolve('oidc-provider');
const { default: Provider, errors } = await import(pathToFileURL(found));

function newKey(alg) {
  const pair = alg === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...pair.privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: randomBytes(8).toString('hex') };
}

const common = (signing) => ({
  jwks: { keys: [newKey(signing)] },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  acrValues: ['eidas1', 'eidas1-mfa', 'eidas2', 'eidas3'],
  pkce: { methods: ['S256'], required: () => true },
  clockTolerance: 5,
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  // Whoever signs in here agrees: there is no page of consent.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile birth');
    grant.addResourceScope(settings.resource, 'vault');
    await grant.save();
    return grant;
  },
  ttl: { AccessToken: 300, AuthorizationCode: 60, ClientCredentials: 300, IdToken: 300, Grant: 600, Interaction: 600, Session: 3600 },
});

const ofAgents = () => ({
  ...common(settings.agents_algorithm),
  clients: [{
    client_id: 'vault', redirect_uris: [`${settings.vault}/v1/sign-ins/callback/agents`],
    token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [settings.client_jwk] }, grant_types: ['authorization_code'],
    id_token_signed_response_alg: settings.agents_algorithm, dpop_bound_access_tokens: true,
  }, {
    client_id: 'payroll', client_secret: 'payroll-secret', redirect_uris: [], response_types: [],
    grant_types: ['client_credentials'], dpop_bound_access_tokens: true,
    id_token_signed_response_alg: settings.agents_algorithm,
  }],
  claims: { openid: ['sub'], acr: null, amr: null, auth_time: null },
  findAccount: (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => settings.resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'vault', audience: settings.resource, accessTokenFormat: 'jwt',
        accessTokenTTL: 300, jwt: { sign: { alg: settings.agents_algorithm } },
      }),
    },
  },
});

const ofCitizens = () => ({
  ...common('RS256'),
  clients: [{
    client_id: 'vault', client_secret: settings.client_secret,
    redirect_uris: [`${settings.vault}/v1/sign-ins/callback/citizens`],
    token_endpoint_auth_method: 'client_secret_basic', grant_types: ['authorization_code'],
    userinfo_signed_response_alg: settings.signed_userinfo ? 'RS256' : undefined,
  }],
  claims: {
    openid: ['sub'], acr: null, amr: null, auth_time: null,
    birth: ['family_name', 'given_name', 'gender', 'birthdate', 'birthplace', 'birthcountry'],
  },
  scopes: ['openid', 'birth'],
  findAccount: (ctx, id) => ({
    accountId: id, claims: async () => ({ sub: id, ...(settings.people[id] ?? {}) }) }),
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    jwtUserinfo: { enabled: true },
  },
});

async function serve(port, configuration) {
  let handle;
  const server = createServer(
    { cert: settings.certificate, key: settings.private_key }, (req, res) => handle(req, res));
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const issuer = `https://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const callback = provider.callback();
  handle = async (req, res) => {
    const url = new URL(req.url, issuer);
    if (!url.pathname.startsWith('/interaction/')) return callback(req, res);
    try {
      const said = url.searchParams;
      const result = said.get('deny')
        ? { error: 'access_denied' }
        : { login: {
          accountId: said.get('sub'), acr: said.get('acr') ?? undefined,
          amr: said.get('amr')?.split(','), remember: true,
          ts: Math.floor(Date.now() / 1000) - Number(said.get('age') ?? 0) } };
      await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
    } catch (error) {
      res.statusCode = error instanceof errors.SessionNotFound ? 400 : 500;
      res.end(String(error));
    }
    return undefined;
  };
  return server.address().port;
}

const agents = await serve(settings.agents_port ?? 0, ofAgents());
const citizens = await serve(settings.citizens_port ?? 0, ofCitizens());
console.log(`ready ${agents} ${citizens}`);
