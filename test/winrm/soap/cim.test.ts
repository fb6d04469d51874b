// CIM messages: ours against the ones that a Microsoft-made server answered (OMI, recorded) and the specification's (ms-wsmv/4.1); and the
// recorded answers read. What a class's properties are is not looked at.
import { describe, expect, test } from 'vitest';
import * as requests from '../../../src/winrm/soap/cim-requests.ts';
import * as responses from '../../../src/winrm/soap/cim-responses.ts';
import { createCimFaultFailure } from '../../../src/winrm/soap/cim-fault.ts';
import { readEnvelope } from '../../../src/winrm/soap/envelope.ts';
import { readFault } from '../../../src/winrm/soap/fault.ts';
import { child, children, descend, textOf } from '../../../src/winrm/soap/xml.ts';
import { ns } from '../../../src/winrm/soap/namespaces.ts';
import { readSample, samplesMissing } from '../samples.ts';

const base = {
  url: 'http://ex01:5985/wsman',
  messageId: 'uuid:1',
  sessionId: null,
  operationTimeoutMs: 20_000,
  maxEnvelopeBytes: 512_000,
  locale: 'en-US',
  resourceUri: requests.writeClassUri('root/cimv2', 'Win32_Service'),
  selectors: [],
};

/** Recorded SOAP texts of one conversation, requests and answers in turn. */
function recorded(name: string): readonly string[] {
  return readSample('omi-captures', name)
    .trim()
    .split('\n')
    .map((line) => Buffer.from((JSON.parse(line) as { readonly body: string }).body, 'base64').toString('utf8'))
    .filter((text) => text !== '');
}

const bodyOf = (text: string) => readEnvelope(text).body.children[0];

describe('requests', () => {
  test('a namespace may be written either way', () => {
    const uri = 'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Service';
    expect(['root\\cimv2', '/root/cimv2/'].map((one) => requests.writeClassUri(one, 'Win32_Service'))).toEqual([
      uri,
      uri,
    ]);
  });

  test.skipIf(samplesMissing)('Enumerate has the elements of the one that OMI answered, in their order', () => {
    const theirs = recorded('ntlm-unencrypted-enumerate-pypsrp.jsonl').find((one) => one.includes('<n:Enumerate>'));
    const ours = requests.writeEnumerateRequest({ ...base, wql: null, maxElements: 100 });
    const names = (text: string) => bodyOf(text)?.children.map((one) => [one.namespace, one.name, one.text]);
    expect(names(ours)).toEqual(names(theirs ?? ''));
    expect(readEnvelope(ours).action).toBe(readEnvelope(theirs ?? '').action);
  });

  test.skipIf(samplesMissing)('Pull has the elements of the specification', () => {
    const theirs = readSample('wsman-samples/ms-wsmv', '4.1.2.3.First_Pull_Request.1.Pull.xml');
    const ours = requests.writePullRequest({
      ...base,
      context: 'uuid:22EB9809-5543-4020-A75C-FD95FF06217B',
      maxElements: 1,
    });
    const names = (text: string) => bodyOf(text)?.children.map((one) => [one.namespace, one.name, one.text.trim()]);
    expect(names(ours)).toEqual(names(theirs));
    expect(readEnvelope(ours).action).toBe(readEnvelope(theirs).action);
  });

  test('a method names itself in the action and writes null, text and lists', () => {
    const parameters = [
      ['CommandLine', 'a & b'],
      ['Nothing', null],
      ['Many', ['1', '2']],
    ] as const;
    const envelope = readEnvelope(requests.writeInvokeRequest({ ...base, method: 'Create', parameters }));
    expect(envelope.action).toBe(`${base.resourceUri}/Create`);
    const input = envelope.body.children[0];
    expect([input?.namespace, input?.name]).toEqual([base.resourceUri, 'Create_INPUT']);
    expect(input?.children.map((one) => [one.name, one.text, one.attributes.get(`{${ns.xsi}}nil`)])).toEqual([
      ['CommandLine', 'a & b', undefined],
      ['Nothing', '', 'true'],
      ['Many', '1', undefined],
      ['Many', '2', undefined],
    ]);
  });

  test('selectors and a query are escaped', () => {
    const selectors = [['Name', '<&>']] as const;
    const { header, body } = readEnvelope(
      requests.writeEnumerateRequest({ ...base, selectors, wql: "select * from X where A='<'", maxElements: 5 }),
    );
    const set = child(header, ns.wsman, 'SelectorSet');
    expect(set === null ? [] : children(set, ns.wsman, 'Selector').map((one) => one.text)).toEqual(['<&>']);
    expect(descend(body, ns.wsman, 'Filter')?.text).toBe("select * from X where A='<'");
    expect(textOf(header, ns.wsman, 'MaxEnvelopeSize')).toBe('512000');
  });
});

describe.skipIf(samplesMissing)('recorded answers', () => {
  test('an optimized Enumerate and a Get of OMI give the same instance, arrays as lists', () => {
    const texts = recorded('ntlm-unencrypted-enumerate-pypsrp.jsonl');
    const enumerated = texts.find((one) => one.includes('wsen:EnumerateResponse'));
    const got = texts.find((one) => one.includes('transfer/GetResponse'));
    const { items } = responses.readEnumerateResponse(readEnvelope(enumerated ?? ''));
    const instance = responses.readGetResponse(readEnvelope(got ?? ''));
    expect(items[0]).toMatchObject({ ProductName: 'OMI', ProductVersionString: '1.0.8-6' });
    expect(Array.isArray(items[0]?.['ConfigNameSpaces'])).toBe(true);
    expect(instance).toEqual(items[0]);
  });

  test('the specification: a context, then an instance with a reference, then the end', () => {
    const read = (name: string) => readEnvelope(readSample('wsman-samples/ms-wsmv', name));
    const first = responses.readEnumerateResponse(read('4.1.2.2.Enumerate_Response.1.EnumerateResponse.xml'));
    expect(first).toEqual({ items: [], context: 'uuid:22EB9809-5543-4020-A75C-FD95FF06217B' });
    const second = responses.readPullResponse(read('4.1.2.4.First_Pull_Response.1.PullResponse.xml'), 'x');
    expect(second.context).toBe('uuid:2504CA0D-94B9-4F91-B2F7-9F4CD9A2A96C');
    expect(second.items).toEqual([{ Data1: 'Test Message', id: '1', Location: { id: '1' } }]);
    const last = responses.readPullResponse(
      read('4.1.2.6.Second_Pull_Response_with_EndOfSequence.1.PullResponse.xml'),
      'x',
    );
    expect([last.items.length, last.context]).toEqual([1, null]);
    const output = responses.readInvokeResponse(read('4.1.4.Invoking_a_Method.2.CreateResponse.xml'), 'Create');
    expect(output).toEqual({ ProcessId: '4000', ReturnValue: '0' });
  });

  test('the fault of a class that is not there', () => {
    const fault = readFault(readEnvelope(readSample('wsman-samples/WinRb', 'soap_fault_v2.xml')));
    const failure = fault === null ? null : createCimFaultFailure(fault, 'ex01:5985');
    expect(failure).toMatchObject({ code: 'cim/not-found', where: 'ex01:5985', retry: 'never' });
    expect(failure?.message).toContain('The specified class does not exist in the given namespace.');
  });
});

describe('answers', () => {
  const envelope = (body: string) =>
    readEnvelope(
      `<s:Envelope xmlns:s="${ns.soap}" xmlns:n="${ns.enumeration}" xmlns:w="${ns.wsman}" xmlns:i="${ns.xsi}" xmlns:c="${ns.cim}"><s:Body>${body}</s:Body></s:Envelope>`,
    );

  test('null, dates, embedded objects and names that mean something to JavaScript', () => {
    const instance = responses.readGetResponse(
      envelope(
        '<X><A i:nil="true"/><B></B><C><c:Datetime>2026-01-02T03:04:05Z</c:Datetime></C><D><Y><Z>1</Z></Y></D><__proto__>p</__proto__></X>',
      ),
    );
    expect(Object.entries(instance)).toEqual([
      ['A', null],
      ['B', ''],
      ['C', '2026-01-02T03:04:05Z'],
      ['D', { Y: { Z: '1' } }],
      ['__proto__', 'p'],
    ]);
  });

  test('a Pull without a context of its own goes on with the one it was asked with', () => {
    expect(responses.readPullResponse(envelope('<n:PullResponse><n:Items/></n:PullResponse>'), 'old').context).toBe(
      'old',
    );
    const ended = '<n:PullResponse><n:EnumerationContext>new</n:EnumerationContext><n:EndOfSequence/></n:PullResponse>';
    expect(responses.readPullResponse(envelope(ended), 'old').context).toBeNull();
  });

  test('what is something else is refused', () => {
    expect(() => responses.readEnumerateResponse(envelope('<X/>'))).toThrow(/expected EnumerateResponse/);
    expect(() => responses.readGetResponse(envelope(''))).toThrow(/expected an instance/);
    expect(() => responses.readInvokeResponse(envelope('<X/>'), 'Create')).toThrow(/expected Create_OUTPUT/);
  });
});
