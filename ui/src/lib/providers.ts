// The products a person can begin with. What each needs is the agent's to know; here is only how one gets there.

export interface Product {
  /** As the agent calls it. */
  preset: string;
  /** As its maker calls it: the same in every language. */
  title: string;
  /** Where everybody has the same. */
  issuer?: string;
  /** What one's own looks like, for whoever has to type it. */
  sample: string;
}

export const products: readonly Product[] = [
  { preset: 'auth0', title: 'Auth0', sample: 'acme.eu.auth0.com' },
  { preset: 'entra', title: 'Microsoft Entra ID', sample: 'https://login.microsoftonline.com/TENANT-ID/v2.0' },
  { preset: 'google', title: 'Google', issuer: 'https://accounts.google.com', sample: 'https://accounts.google.com' },
  { preset: 'okta', title: 'Okta', sample: 'acme.okta.com/oauth2/default' },
  { preset: 'keycloak', title: 'Keycloak', sample: 'https://keycloak.example.com/realms/REALM' },
  { preset: 'github', title: 'GitHub', issuer: 'https://github.com/login/oauth', sample: 'https://github.com/login/oauth' },
  { preset: 'gitlab', title: 'GitLab', issuer: 'https://gitlab.com', sample: 'https://gitlab.com' },
];
