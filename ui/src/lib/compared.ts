// What is compared of two accounts, and of two providers: documents, part by part. No token is among them.

import type { IdentityReport } from './api/IdentityReport';
import type { Provider } from './api/Provider';
import { documents, type MemberPair } from './journal-compare';
import { words } from './words';

export interface ComparedPart {
  title: string;
  members: MemberPair[];
}

export function ofAccounts(one: IdentityReport, other: IdentityReport): ComparedPart[] {
  const texts = words.inspect.compare;
  const part = (title: string, of: (report: IdentityReport) => object | null | undefined) => ({ title, members: documents(of(one) ?? {}, of(other) ?? {}) });
  return filled([
    part(texts.idToken, ({ id_token }) => id_token?.claims),
    part(texts.header, ({ id_token }) => id_token?.header),
    part(texts.userinfo, ({ userinfo }) => userinfo),
  ]);
}

/** What a provider says of itself. How it is reached from here, and what to put into a profile, is no word of its own. */
export function ofProviders(one: Provider, other: Provider): ComparedPart[] {
  const texts = words.inspect.compare;
  const said = ({ issuer, authorization_endpoint, token_endpoint, scopes_supported, pkce_s256, can_revoke, can_end_session }: Provider) => ({
    issuer,
    authorization_endpoint,
    token_endpoint,
    scopes_supported,
    pkce_s256,
    can_revoke,
    can_end_session,
  });
  const able = ({ abilities }: Provider) => Object.fromEntries((abilities ?? []).map(({ name, standard, found }) => [`${name} (${standard})`, found]));
  return filled([
    { title: texts.description, members: documents(present(said(one)), present(said(other))) },
    { title: texts.abilities, members: documents(present(able(one)), present(able(other))) },
  ]);
}

/** What the agent tells as nothing is not there. */
function present(document: object): object {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null));
}

function filled(parts: ComparedPart[]): ComparedPart[] {
  return parts.filter(({ members }) => members.length > 0);
}
