import { describe, expect, it } from 'vitest';

import type { Pair } from '../src/lib/api/Pair';
import type { Pause } from '../src/lib/api/Pause';
import { refusal } from '../src/lib/mock/samples';
import { pauseBefore } from '../src/lib/mock/steps';
import { addressOf, changeOf, changesOf, draftOf, editsOf, refusedAt, undone, withAdded, withAddress, without, withValue, type Draft } from '../src/lib/step-draft';

function posting(form: Pair[], headers: Pair[] = []): Pause {
  return { number: 1, before: 'token', request: { method: 'POST', url: 'https://op.example/token', headers, form }, query: [], editable: ['form', 'header', 'query', 'address'] };
}

const key = (draft: Draft, name: string, at = 0) => draft.lines.filter((line) => line.name === name)[at]!.key;

describe('what a person makes of a request', () => {
  const pause = posting([
    { name: 'code', value: '51c0ffee', secret: true },
    { name: 'scope', value: 'openid' },
  ]);
  const begin = draftOf(pause);

  it('is nothing at first', () => {
    expect(changesOf(begin)).toBe(0);
    expect(editsOf(begin)).toEqual([]);
  });

  it('is said to the agent in its words', () => {
    let draft = withValue(begin, key(begin, 'scope'), 'openid email');
    draft = without(draft, key(draft, 'code'));
    draft = withAdded(draft, 'header', 'x-seen', '1');
    draft = withAddress(draft, pause, '/other');
    expect(editsOf(draft)).toEqual([
      { change: 'address', url: '/other' },
      { change: 'remove', place: 'form', name: 'code' },
      { change: 'set', place: 'form', name: 'scope', value: 'openid email' },
      { change: 'add', place: 'header', name: 'x-seen', value: '1' },
    ]);
    expect(changesOf(draft)).toBe(4);
  });

  it('is undone one by one, until nothing is left of it', () => {
    let draft = without(withValue(begin, key(begin, 'scope'), 'x'), key(begin, 'code'));
    draft = undone(undone(draft, key(begin, 'scope')), key(begin, 'code'));
    expect(draft).toEqual(begin);
    const added = withAdded(begin, 'form', 'a', 'b');
    expect(without(added, key(added, 'a'))).toEqual(begin);
    expect(withAddress(withAddress(begin, pause, '/x'), pause, addressOf(pause)).address).toBeNull();
  });

  it('is no change where the same is typed; of a secret nobody here knows what it was', () => {
    expect(changesOf(withValue(begin, key(begin, 'scope'), 'openid'))).toBe(0);
    const typed = withValue(begin, key(begin, 'code'), '51c0ffee');
    expect(editsOf(typed)).toEqual([{ change: 'set', place: 'form', name: 'code', value: '51c0ffee' }]);
    expect(editsOf(withValue(begin, key(begin, 'code'), ''))).toEqual([{ change: 'set', place: 'form', name: 'code', value: '' }]);
  });
});

describe('fields of one name', () => {
  it('keep their values and their order when one of them changes', () => {
    const begin = draftOf(posting([{ name: 'resource', value: 'a' }, { name: 'resource', value: 'b' }, { name: 'resource', value: 'c' }]));
    expect(editsOf(withValue(begin, key(begin, 'resource', 1), 'x'))).toEqual([
      { change: 'set', place: 'form', name: 'resource', value: 'a' },
      { change: 'add', place: 'form', name: 'resource', value: 'x' },
      { change: 'add', place: 'form', name: 'resource', value: 'c' },
    ]);
    expect(editsOf(without(begin, key(begin, 'resource', 0)))).toEqual([
      { change: 'set', place: 'form', name: 'resource', value: 'b' },
      { change: 'add', place: 'form', name: 'resource', value: 'c' },
    ]);
    expect(editsOf(withAdded(begin, 'form', 'resource', 'd'))).toEqual([{ change: 'add', place: 'form', name: 'resource', value: 'd' }]);
  });

  it('are one line where one of them is a secret: it cannot be sent again', () => {
    const begin = draftOf(posting([{ name: 'token', value: '0a1b2c3d', secret: true }, { name: 'token', value: 'plain' }]));
    expect(begin.lines.map(({ name, was }) => [name, was])).toEqual([['token', { name: 'token', value: '0a1b2c3d, plain', secret: true }]]);
  });

  it('are one line where one of them is told otherwise than it is sent: it is not sent as it is told', () => {
    const begin = draftOf(posting([{ name: 'resource', value: 'a' }, { name: 'resource', value: 'xx…', altered: true }]));
    expect(begin.lines.map(({ name, was }) => [name, was])).toEqual([['resource', { name: 'resource', value: 'a, xx…', altered: true }]]);
    expect(editsOf(withValue(begin, key(begin, 'resource'), 'a, xx…'))).toEqual([{ change: 'set', place: 'form', name: 'resource', value: 'a, xx…' }]);
    expect(editsOf(withAdded(begin, 'form', 'resource', 'b'))).toEqual([{ change: 'add', place: 'form', name: 'resource', value: 'b' }]);
  });

  it('are the same header however it is written', () => {
    const begin = draftOf(posting([], [{ name: 'accept', value: 'a' }]));
    const draft = withAdded(withValue(begin, key(begin, 'accept'), 'b'), 'header', 'Accept', 'c');
    expect(editsOf(draft)).toEqual([
      { change: 'set', place: 'header', name: 'accept', value: 'b' },
      { change: 'add', place: 'header', name: 'Accept', value: 'c' },
    ]);
  });
});

describe('a refused edit', () => {
  const pause = pauseBefore('authorization');
  const refused = (message: string) => refusal('usage.bad_edit', message);

  it('is found by the name that the agent says', () => {
    const begin = draftOf(pause);
    const draft = withAdded(withValue(begin, key(begin, 'redirect_uri'), 'https://evil.example'), 'query', 'Redirect.URI[]', 'x');
    expect(refusedAt(refused('The changed `redirect_uri` could have the code sent to somebody else.'), draft)).toBe(key(begin, 'redirect_uri'));
    const spelled = withAdded(begin, 'query', 'Redirect.URI[]', 'https://evil.example');
    expect(refusedAt(refused('The changed `redirect_uri` could have the code sent to somebody else.'), spelled)).toBe(key(spelled, 'Redirect.URI[]'));
  });

  it('is the address, or nowhere in particular', () => {
    const draft = withAddress(draftOf(pause), pause, 'https://evil.example');
    expect(refusedAt(refused('The address is of another server, or has a user name or a fragment.'), draft)).toBe('address');
    expect(refusedAt(refused('There are more than 32 changes at a time.'), draft)).toBeNull();
    expect(changeOf(draft.lines[0]!)).toBe('none');
  });
});
