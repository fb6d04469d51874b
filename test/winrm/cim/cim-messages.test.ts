// What is sent for an enumeration, what is asked again and what is not, over a SoapChannel that answers from a script.
import { expect, test } from 'vitest';
import type { CimObject } from '../../../src/model/cim.ts';
import { Failure } from '../../../src/model/failure.ts';
import { CimMessages } from '../../../src/winrm/cim/cim-messages.ts';
import type { SoapChannel } from '../../../src/winrm/channel/reconnecting-channel.ts';
import { countTries } from '../../../src/winrm/retries.ts';
import { failureOf } from '../../support/failure-of.ts';
import { faultAnswer } from '../../support/soap-answers.ts';

const resource = { resourceUri: 'urn:x', selectors: [] };
const lost = new Failure('connect/lost', 'lost', { retry: 'new-session', effect: 'unknown' });

function part(name: 'Enumerate' | 'Pull', items: readonly string[], context: string | null): string {
  const written = items.map((one) => `<X><Name>${one}</Name></X>`).join('');
  const ns = name === 'Enumerate' ? 'w' : 'n';
  return (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"' +
    ` xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Body><n:${name}Response>` +
    `<n:EnumerationContext>${context ?? ''}</n:EnumerationContext><${ns}:Items>${written}</${ns}:Items>` +
    `${context === null ? `<${ns}:EndOfSequence/>` : ''}</n:${name}Response></s:Body></s:Envelope>`
  );
}

function scripted(...answers: (string | Failure)[]) {
  const sent: { readonly what: string; readonly message: string }[] = [];
  const channel: SoapChannel = {
    where: 'ex01:5985',
    send(message, { what }) {
      const answer = answers[sent.length];
      sent.push({ what, message });
      if (answer === undefined) return Promise.reject(new Error(`no answer to request ${String(sent.length)}`));
      return answer instanceof Failure ? Promise.reject(answer) : Promise.resolve(answer);
    },
    close: () => undefined,
  };
  let ids = 0;
  const sleep = () => Promise.resolve();
  const cim = new CimMessages({
    channel,
    url: 'http://ex01:5985/wsman',
    operationMs: 20_000,
    newId: () => `uuid:${String((ids += 1))}`,
    newTries: () => countTries(sleep, () => 0.5),
  });
  return { cim, sent, what: () => sent.map((one) => one.what) };
}

async function names(items: AsyncIterable<CimObject>): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for await (const one of items) found.push(one['Name']);
  return found;
}

const asked = { wql: null, maxElements: 7 };

test('pulls until the end, with the context of the last answer and the same limits', async () => {
  const { cim, sent, what } = scripted(
    part('Enumerate', ['a'], 'c1'),
    part('Pull', ['b'], 'c2'),
    part('Pull', ['c'], null),
  );
  expect(await names(cim.enumerate(resource, asked))).toEqual(['a', 'b', 'c']);
  expect(what()).toEqual(['enumerate', 'pull', 'pull']);
  expect(sent[2]?.message).toContain('<n:EnumerationContext>c2</n:EnumerationContext><n:MaxElements>7</n:MaxElements>');
  const sizes = new Set(sent.map(({ message }) => /MaxEnvelopeSize[^>]*>(\d+)/.exec(message)?.[1]));
  expect(sizes.size).toBe(1);
});

test('the next Pull is sent when somebody reads on, and not before', async () => {
  const { cim, what } = scripted(part('Enumerate', ['a', 'b'], 'c1'), part('Pull', ['c'], null));
  const items = cim.enumerate(resource, asked);
  await items.next();
  await items.next();
  expect(what()).toEqual(['enumerate']);
  await items.next();
  expect(what()).toEqual(['enumerate', 'pull']);
});

test('whoever stops early gives the enumeration up; at its end there is nothing to give up', async () => {
  const { cim, sent, what } = scripted(part('Enumerate', ['a'], 'c1'), part('Pull', ['b'], 'c2'), 'no envelope');
  for await (const one of cim.enumerate(resource, asked)) if (one['Name'] === 'b') break;
  expect(what()).toEqual(['enumerate', 'pull', 'release']);
  expect(sent[2]?.message).toContain('>c2<');
});

test.each([2150858793, 2150858780])(
  'a Pull that got nothing in time (%i) is sent again with its context',
  async (code) => {
    const { cim, sent } = scripted(part('Enumerate', [], 'c1'), faultAnswer(code), part('Pull', ['a'], null));
    expect(await names(cim.enumerate(resource, asked))).toEqual(['a']);
    expect(sent[2]?.message).toContain('>c1<');
  },
);

test('a lost Pull ends an enumeration that is read bit by bit, and begins a list anew', async () => {
  const answers = [part('Enumerate', ['a'], 'c1'), lost, part('Enumerate', ['a'], 'c9'), part('Pull', ['b'], null)];
  const bitByBit = scripted(...answers);
  expect((await failureOf(names(bitByBit.cim.enumerate(resource, asked)))).code).toBe('connect/lost');
  expect(bitByBit.what()).toEqual(['enumerate', 'pull']);
  const whole = scripted(...answers);
  expect(await whole.cim.list(resource, 'select * from X')).toEqual([{ Name: 'a' }, { Name: 'b' }]);
});

test('an enumeration that the host forgot is begun anew', async () => {
  const { cim } = scripted(part('Enumerate', ['a'], 'c1'), faultAnswer(2150858779), part('Enumerate', ['a'], null));
  expect(await cim.list(resource, 'select * from X')).toEqual([{ Name: 'a' }]);
});

test('a lost Get is asked again; a lost method never, and says that it may have run', async () => {
  const got =
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><X><Name>a</Name></X></s:Body></s:Envelope>';
  expect(await scripted(lost, got).cim.get(resource)).toEqual({ Name: 'a' });
  const { cim, what } = scripted(lost, got);
  const failed = await failureOf(cim.invoke(resource, { method: 'Stop', parameters: [] }));
  expect(failed).toMatchObject({ code: 'connect/lost', effect: 'unknown' });
  expect(what()).toEqual(['invoke']);
});

test.each([
  [2150858752, 'cim/not-found'],
  [2150858778, 'cim/not-found'],
  [0x80041010, 'cim/not-found'],
  [5, 'wire/access-denied'],
])('fault %i is %s and is not asked again', async (number, code) => {
  const { cim, sent } = scripted(faultAnswer(number));
  expect((await failureOf(cim.get(resource))).code).toBe(code);
  expect(sent).toHaveLength(1);
});
