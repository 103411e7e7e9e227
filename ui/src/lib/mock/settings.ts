// What the agent tells of the network and of other programs' files, for tests and screenshots.

import type { Exported } from '../api/Exported';
import type { ExportRequest } from '../api/ExportRequest';
import type { ImportPreview } from '../api/ImportPreview';
import type { NetworkStatus } from '../api/NetworkStatus';
import { network, profile } from './samples';

/** By the name of the scene. */
export const networks: Record<string, NetworkStatus> = {
  settingsNetwork: {
    ...network,
    settings: { proxy: 'http://proxy.acme.example:8080', no_proxy: ['.internal.acme.example', '10.0.0.0/8'], ca_file: '/etc/ssl/acme.pem' },
    proxy: 'http://proxy.head-office.acme.example:3128',
    proxy_variable: 'HTTPS_PROXY',
    ca_files: ['/etc/ssl/acme.pem', '/usr/local/share/ca-certificates/a-very-long-company-name/root-of-everything-2026.crt'],
  },
};

export function importPreview(changes: Partial<ImportPreview> = {}): ImportPreview {
  const { has_client_secret: _secret, redirect_uris: _uris, ...plain } = profile();
  return {
    version: 1,
    format: 'postman',
    profiles: [
      { profile: { ...plain, name: 'staging' }, notes: ['the variable {{region}} is not set in the file; it was left out'], has_secret: true },
      { profile: { ...plain, name: 'refused', client_id: 'refused' }, notes: [], has_secret: false },
      {
        profile: { ...plain, name: 'production', issuer: 'https://identity-provider.production.eu-central-1.internal.a-very-long-company-name.example.org/realms/main' },
        notes: [],
        has_secret: false,
      },
    ],
    ...changes,
  };
}

export function exported({ profiles, format }: ExportRequest): Exported {
  return {
    version: 1,
    files: profiles.map((name) => ({
      name: format === 'doorkey' ? `${name}.toml` : `${name}.${format}.json`,
      text:
        format === 'doorkey'
          ? `[profile.${name}]\nissuer = "https://acme.eu.auth0.com/"\nclient_id = "k3Jx92LmPq7TzW0aVbNc"\nscopes = ["openid", "profile", "email", "offline_access"]\nports = [49152, 49153, 49154]\n`
          : `${JSON.stringify({ name, issuer: 'https://acme.eu.auth0.com/', client_id: 'k3Jx92LmPq7TzW0aVbNc' }, null, 2)}\n`,
    })),
    notes: format === 'doorkey' ? [] : ['a client secret is entered there by hand'],
  };
}
