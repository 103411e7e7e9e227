// An evidence file and a sample, for tests, for pages in a plain browser and for screenshots. No part of the program that ships.

import type { Event } from '../api/Event';
import type { Language, OpenedEvidence, Sample, SampleOf } from '../host-words';
import { identity } from './samples';

/** As the program opens one, of this flow. */
export function openedEvidence(events: readonly Event[], flow: string, now: number, changes: Partial<OpenedEvidence> = {}): OpenedEvidence {
  return {
    made_at: new Date(now - 3_600_000).toISOString(),
    redacted: true,
    events: events.filter((event) => event.flow === flow),
    environment: { doorkey: '0.1.0', agent: '0.0.9', os: 'linux', arch: 'x86_64' },
    claims: { of_this_flow: true, id_token: identity(now).id_token, userinfo: { sub: 'auth0|6710b2f3a9', email: 'ada@example.com' }, access_token: null },
    damages: [],
    ...changes,
  };
}

const variable = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_');

/** In the shape of the program's own; its texts are made by the program. */
export function sampled(of: SampleOf, language: Language): Sample {
  const request = of.kind === 'request' ? of.request : { url: of.url, form: of.parameters };
  const fields = request.form.map(({ name, value, secret }) => (secret ? `    "${name}": os.environ["${variable(name)}"],` : `    "${name}": "${value}",`));
  const text =
    language === 'python'
      ? ['import os, urllib.parse, urllib.request', '', 'form = urllib.parse.urlencode({', ...fields, '}).encode()', `print(urllib.request.urlopen("${request.url}", form).read().decode())`].join('\n')
      : [
          [`curl --request POST '${request.url}'`, ...request.form.filter(({ secret }) => !secret).map(({ name, value }) => `--data-urlencode '${name}=${value}'`), '--config - <<END'].join(' \\\n  '),
          ...request.form.filter(({ secret }) => secret).map(({ name }) => `data-urlencode = "${name}=$(quoted "$${variable(name)}")"`),
          'END',
        ].join('\n');
  return { text: `${text}\n`, file_name: language === 'python' ? 'request.py' : 'request.sh', variables: request.form.filter(({ secret }) => secret).map(({ name }) => variable(name)).sort() };
}
