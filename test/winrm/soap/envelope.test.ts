import { expect, test } from 'vitest';
import { readEnvelope, writeEnvelope } from '../../../src/winrm/soap/envelope.ts';
import { readSample, sampleNames, samplesMissing } from '../samples.ts';

test('what is written is read back', () => {
  const written = writeEnvelope(
    '<a:Action> urn:x </a:Action><a:MessageID>uuid:1</a:MessageID><a:RelatesTo>uuid:0</a:RelatesTo>',
    '<rsp:Shell/>',
  );
  expect(readEnvelope(written)).toMatchObject({
    action: 'urn:x',
    messageId: 'uuid:1',
    relatesTo: 'uuid:0',
    fault: null,
  });
  expect(readEnvelope(written).body.children.map(({ name }) => name)).toEqual(['Shell']);
  expect(writeEnvelope('', '', 'en-US')).toContain('<s:Envelope xml:lang="en-US" ');
});

test('a message without a header has none of its values', () => {
  const read = readEnvelope('<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>');
  expect([read.action, read.messageId, read.relatesTo, read.header.children.length]).toEqual([null, null, null, 0]);
});

test.each([
  ['SOAP 1.1', '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>'],
  ['a web page', '<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'],
  ['no body', '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>'],
  ['no XML', 'HTTP Error 503'],
])('%s is refused', (_, text) => {
  expect(() => readEnvelope(text)).toThrow(expect.objectContaining({ code: 'wire/invalid' }));
});

test('the size limit can be set', () => {
  expect(() => readEnvelope(writeEnvelope('', ''), 100)).toThrow('at most 100 characters');
});

// Examples of the specification that are no XML: prefixes without a namespace, lost quotes, lost end tags.
const damaged: ReadonlySet<string> = new Set([
  '4.2.2.Modifying_Configuration.1.Put.xml',
  '4.2.3.Client_Certificate_Mapping_Configuration.9.Enumerate.xml',
  '4.2.4.Plugin_Security_Setting_Configuration.1.Put.xml',
  '4.2.4.Plugin_Security_Setting_Configuration.2.PutResponse.xml',
  '4.4.Event_Subscription_Example.1.Subscribe.xml',
  '4.6.2.Enumerate_Response_Subscriptions_Example.1.EnumerateResponse.xml',
  '4.8.1.Custom_Remote_Shell_Configuration_Table_.1.Create.xml',
]);

test.skipIf(samplesMissing).each(['pypsrp', 'pywinrm', 'winrm4j', 'ms-wsmv', 'masterzen', 'knife-windows'])(
  'every recorded message of %s is an envelope',
  (folder) => {
    const names = sampleNames(`wsman-samples/${folder}`, /\.xml$/);
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) {
      const read = (): string => readEnvelope(readSample(`wsman-samples/${folder}`, name)).body.name;
      if (damaged.has(name)) expect(read, name).toThrow(expect.objectContaining({ code: 'wire/invalid' }));
      else expect(read(), name).toBe('Body');
    }
  },
);
