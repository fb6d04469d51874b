// The lab's CIM where no client of ours comes: an enumeration that dies of age, one Pull per context, limits that must be repeated; and WQL.
import { describe, expect, test } from 'vitest';
import { createEnumerationTable } from '../../../src/lab/cim/enumerations.ts';
import { performCim } from '../../../src/lab/cim/operations.ts';
import { buildMachine } from '../../../src/lab/scenario/build-machine.ts';
import { serverSpec } from '../../../src/lab/scenario/server-spec.ts';
import { readSoapRequest } from '../../../src/lab/wsman/soap.ts';
import { readWql } from '../../../src/lab/cim/wql.ts';
import {
  writePullRequest,
  writeReleaseRequest,
  writeClassUri,
  writeEnumerateRequest,
} from '../../../src/winrm/soap/cim-requests.ts';
import { manualClock } from '../manual-clock.ts';

const resource = {
  url: 'http://ex01/wsman',
  messageId: 'uuid:1',
  sessionId: null,
  operationTimeoutMs: 20_000,
  maxEnvelopeBytes: 153_600,
  locale: 'en-US',
  resourceUri: writeClassUri('root/cimv2', 'Win32_Service'),
  selectors: [],
};

function lab() {
  const clock = manualClock();
  let ids = 0;
  const enumerations = createEnumerationTable(clock, () => `G${String((ids += 1))}`);
  const machine = buildMachine(serverSpec({ name: 'ex01' }));
  const service = { machine, enumerations, elevated: true };
  const ask = (text: string) => {
    const result = performCim(service, readSoapRequest(text));
    return result?.kind === 'fault' ? result.fault.code : (result?.body ?? null);
  };
  const begin = () =>
    /uuid:G\d+/.exec(String(ask(writeEnumerateRequest({ ...resource, wql: null, maxElements: 5 }))))?.[0] ?? '';
  return { clock, ask, begin, enumerations };
}

describe('an enumeration', () => {
  test('dies when nobody pulls for four minutes', async () => {
    const { clock, ask, begin } = lab();
    const context = begin();
    await clock.advance(240_001);
    expect(ask(writePullRequest({ ...resource, context, maxElements: 5 }))).toBe(2150858779);
  });

  test('is pulled once per context, and not after it was released', () => {
    const { ask, begin, enumerations } = lab();
    const context = begin();
    expect(String(ask(writePullRequest({ ...resource, context, maxElements: 5 })))).toContain('EndOfSequence');
    expect(ask(writePullRequest({ ...resource, context, maxElements: 5 }))).toBe(2150858779);
    const other = begin();
    expect(enumerations.count).toBe(1);
    expect(ask(writeReleaseRequest({ ...resource, context: other }))).toBe('');
    expect(ask(writePullRequest({ ...resource, context: other, maxElements: 5 }))).toBe(2150858779);
  });

  test('a Pull must repeat what the Enumerate said', () => {
    const { ask, begin } = lab();
    expect(ask(writePullRequest({ ...resource, context: begin(), maxElements: 6 }))).toBe(2150859181);
  });

  test('a query goes to the class *', () => {
    const wql = 'select * from Win32_Service';
    expect(lab().ask(writeEnumerateRequest({ ...resource, wql, maxElements: 5 }))).toBe(2150859003);
  });
});

describe('WQL', () => {
  const rows = [
    { Name: 'A', State: 'Running', ProcessId: '4' },
    { Name: "O'B", State: 'Stopped', ProcessId: '0' },
  ];
  test.each([
    ['select * from X', ['A', "O'B"]],
    ["SELECT Name FROM X WHERE state = 'running'", ['A']],
    ["select * from X where Name='O\\'B'", ["O'B"]],
    ['select * from X where ProcessId <> 0 and State != "Stopped"', ['A']],
    ["select * from X where Name='A' or (Name='O\\'B' and ProcessId=0)", ['A', "O'B"]],
    ["select * from X where Name='A' or Name='A' and State='Stopped'", ['A']],
  ])('%s', (query, names) => {
    const read = readWql(query);
    expect(rows.filter((row) => read?.matches(row)).map((row) => row.Name)).toEqual(names);
  });

  test.each([
    '',
    'select',
    'select * from',
    'select from X',
    'select * from X where',
    "select * from X where a like 'b'",
    'select * from X y',
    "select * from X where a='b",
    'select * from X where (a=1',
  ])('is refused: %s', (query) => {
    expect(readWql(query)).toBeNull();
  });
});
