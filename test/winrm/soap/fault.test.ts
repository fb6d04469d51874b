// Every recorded fault: its number and SOAP code as they stand in the text, and the Failure each becomes.
import { describe, expect, test } from 'vitest';
import type { FailureCode, Retry } from '../../../src/model/failure.ts';
import { readEnvelope, writeEnvelope } from '../../../src/winrm/soap/envelope.ts';
import { findKnownFault } from '../../../src/winrm/soap/fault-codes.ts';
import { createFaultFailure, isOperationTimeout, readFault } from '../../../src/winrm/soap/fault.ts';
import type { WsManFault } from '../../../src/winrm/soap/fault.ts';
import { readSample, sampleNames, samplesMissing } from '../samples.ts';

type Row = readonly [file: string, code: number | null, subcode: string, failure: FailureCode, retry: Retry];
const timedOut = [2150858793, 'TimedOut', 'deadline/request', 'same-request'] as const;
const gone = [2150858843, 'InvalidSelectors', 'wire/shell-gone', 'new-session'] as const;
const rows: readonly Row[] = [
  ['WinRb/get_omi_config_response.xml', null, 'InternalError', 'wire/fault', 'never'],
  ['WinRb/soap_fault_omi.xml', null, 'InternalError', 'wire/fault', 'never'],
  ['WinRb/soap_fault_v1.xml', 2150858778, 'CannotProcessFilter', 'wire/fault', 'never'],
  ['WinRb/soap_fault_v2.xml', 2150858778, 'CannotProcessFilter', 'wire/fault', 'never'],
  ['WinRb/wmi_error_v2.xml', 2150859173, 'QuotaLimit', 'wire/quota', 'new-session'],
  ['masterzen/executeCommandResponseWithError.xml', 2147942606, 'InternalError', 'command/too-long', 'never'],
  ['masterzen/operationTimeoutResponse.xml', ...timedOut],
  ['ms-wsmv/4.10.Fault_Detail.2.fault.xml', 32768, 'DestinationUnreachable', 'wire/fault', 'never'],
  ['pypsrp-inline/test_wsman.L338.xml', null, 'MustUnderstand', 'wire/fault', 'never'],
  ['pypsrp-inline/test_wsman.L376.xml', null, 'Unknown', 'wire/fault', 'never'],
  ['pypsrp-inline/test_wsman.L398.xml', 87, 'InvalidParameter', 'wire/fault', 'never'],
  ['pypsrp-inline/test_wsman.L443.xml', 2150858817, 'SchemaValidationError', 'wire/fault', 'never'],
  ['pypsrp-inline/test_wsman.L57.xml', null, 'IllegalAction', 'wire/fault', 'never'],
  ['pypsrp/test_psrp_is_alive_invalid_selectors.04.response.fault.xml', ...gone],
  [
    'pypsrp/test_psrp_is_alive_other_wsman_error.03.response.fault.xml',
    2150858767,
    'InvalidMessageInformationHeader',
    'wire/fault',
    'never',
  ],
  ['pypsrp/test_psrp_long_running_cmdlet.04.response.fault.xml', ...timedOut],
  ['pypsrp/test_psrp_long_running_cmdlet.05.response.fault.xml', ...timedOut],
  ['pypsrp/test_psrp_receive_failure.03.response.fault.xml', ...gone],
  ['pypsrp/test_winrs_bad_cmd_id.02.response.fault.xml', ...gone],
  ['pypsrp/test_winrs_fail_poll_process.01.response.fault.xml', 87, 'InvalidParameter', 'wire/fault', 'never'],
  ['pypsrp/test_winrs_no_cmd_shell.01.response.fault.xml', 2147942402, 'InternalError', 'wire/fault', 'never'],
  ['pypsrp/test_winrs_operation_timeout.03.response.fault.xml', ...timedOut],
  ['pypsrp/test_winrs_operation_timeout.04.response.fault.xml', ...timedOut],
];

const folders = ['WinRb', 'knife-windows', 'masterzen', 'ms-wsmv', 'pypsrp', 'pypsrp-inline', 'pywinrm', 'winrm4j'];
const split = (file: string): readonly [string, string] => {
  const cut = file.indexOf('/');
  return [`wsman-samples/${file.slice(0, cut)}`, file.slice(cut + 1)];
};

function faultIn(text: string): WsManFault {
  const fault = readFault(readEnvelope(text));
  if (fault === null) throw new Error('expected a fault');
  return fault;
}

describe.skipIf(samplesMissing)('recorded faults', () => {
  test('all of them are in the table', () => {
    const found = folders.flatMap((folder) =>
      sampleNames(`wsman-samples/${folder}`, /\.xml$/)
        .filter((name) => /<[\w-]+:Fault>/.test(readSample(`wsman-samples/${folder}`, name)))
        .map((name) => `${folder}/${name}`),
    );
    expect(rows.map(([file]) => file).toSorted()).toEqual(found.toSorted());
  });

  test.each(rows)('%s is %s %s: %s', (file, code, subcode, failure, retry) => {
    const text = readSample(...split(file));
    const fault = faultIn(text);
    expect([fault.code, fault.subcode]).toEqual([code, subcode]);
    const inText = /Code=["'](\d+)["']/.exec(text)?.[1] ?? /:error_Code[^>]*>(\d+)</.exec(text)?.[1];
    expect(fault.code).toBe(inText === undefined ? null : Number(inText));
    expect(isOperationTimeout(fault)).toBe(code === 2150858793);
    const made = createFaultFailure(fault, 'ex01');
    expect([made.code, made.retry, made.where, made.effect]).toEqual([failure, retry, 'ex01', 'none']);
    expect(made.hint).not.toBeNull();
    expect(made.message).toContain(String(code ?? subcode));
  });

  test('what the provider said is kept when it says more', () => {
    const read = (file: string): WsManFault => faultIn(readSample(...split(file)));
    expect(read('WinRb/wmi_error_v2.xml').providerText).toContain('maximum number of 30 concurrent shells');
    expect(read('pypsrp/test_winrs_bad_cmd_id.02.response.fault.xml').providerText).toContain('command identifier');
    expect(read('pypsrp/test_winrs_no_cmd_shell.01.response.fault.xml')).toMatchObject({
      providerText: null,
      reason: 'The system cannot find the file specified.',
      machine: 'server2008r2.domain.local',
    });
  });
});

test('an answer without a fault has none', () => {
  expect(readFault(readEnvelope(writeEnvelope('', '<rsp:Other/>')))).toBeNull();
});

describe('numbers decide, in any language', () => {
  const fault = (code: string, subcode = 'w:InternalError', text = 'Zugriff verweigert'): WsManFault =>
    faultIn(
      writeEnvelope(
        '',
        `<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>${subcode}</s:Value></s:Subcode></s:Code>` +
          `<s:Reason><s:Text xml:lang="de-DE">${text}</s:Text></s:Reason>` +
          (code === ''
            ? ''
            : `<s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="${code}"/></s:Detail>`) +
          '</s:Fault>',
      ),
    );

  test.each<[string, FailureCode, Retry]>([
    ['5', 'wire/access-denied', 'never'],
    ['2147942405', 'wire/access-denied', 'never'],
    ['2150859012', 'wire/access-denied', 'never'],
    ['1326', 'auth/refused', 'never'],
    ['2147943726', 'auth/refused', 'never'],
    ['170', 'wire/fault', 'same-request'],
    ['995', 'wire/fault', 'new-session'],
    ['2147943418', 'wire/shell-gone', 'new-session'],
    ['2150858790', 'wire/too-large', 'never'],
    ['2150859174', 'wire/quota', 'new-session'],
    ['2150859241', 'wire/quota', 'new-session'],
    ['2150859180', 'wire/fault', 'never'],
    ['1', 'wire/fault', 'never'],
  ])('%s becomes %s', (code, failure, retry) => {
    expect(createFaultFailure(fault(code), null)).toMatchObject({ code: failure, retry });
  });

  test('without a number the SOAP code does', () => {
    expect(createFaultFailure(fault('', 'w:AccessDenied'), null).code).toBe('wire/access-denied');
    expect(createFaultFailure(fault('', 'w:QuotaLimit'), null).code).toBe('wire/quota');
    expect(isOperationTimeout(fault('', 'w:TimedOut'))).toBe(true);
    expect(isOperationTimeout(fault('5', 'w:TimedOut'))).toBe(false);
  });
});

test.skipIf(samplesMissing)('every quota and access-denied code of wsmerror.h is known as one', () => {
  const table = readSample('wsman-samples', 'wsman-error-codes.tsv')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
  const named = (form: RegExp): readonly number[] =>
    table.filter(([, , name]) => form.test(name ?? '')).map(([code]) => Number(code));
  const quotas = named(/^ERROR_WSMAN_QUOTA_/);
  expect(quotas.length).toBeGreaterThanOrEqual(12);
  for (const code of quotas) expect(findKnownFault(code, null).failure, String(code)).toBe('wire/quota');
  for (const code of named(/_ACCESS_DENIED$/))
    expect(findKnownFault(code, null).failure, String(code)).toBe('wire/access-denied');
});
