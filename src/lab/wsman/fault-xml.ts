// A fault as the SOAP body that Windows writes for it: WSManFault, MSFT_WmiError, or SOAP's own MustUnderstand. Pure.
// Source: MS-WSMV 2.2.4.43; recordings in wsman-samples (pypsrp/*.fault.xml, WinRb/wmi_error_v2, pypsrp-inline/test_wsman.L338).
import { faultActions, ns } from '../../winrm/soap/namespaces.ts';
import { element, escapeXml } from '../../winrm/soap/xml.ts';
import type { LabFault } from './soap-faults.ts';

/** Action and body of the fault's message. `machine`: the name the client used for this server (MS-WSMV note 36). */
export function writeFault(fault: LabFault, machine: string): { readonly action: string; readonly body: string } {
  const detail =
    (fault.detail === undefined ? '' : element('w:FaultDetail', {}, faultDetailUri + fault.detail)) +
    (fault.wmi === true ? writeWmiError(fault) : writeWsmanFault(fault, machine));
  return {
    action: faultActions[fault.action],
    body: writeFaultBody(`s:${fault.blame}`, fault.subcode, fault.reason, detail),
  };
}

/** SOAP 1.2 part 1 section 5.4.8; pypsrp-inline/test_wsman.L338. The header block names what was not understood. */
export function writeMustUnderstandFault(
  namespace: string,
  name: string,
): {
  readonly action: string;
  readonly body: string;
  readonly header: string;
} {
  const reason =
    'The WS-Management service cannot process a SOAP header in the request that is marked as mustUnderstand by the client.  ' +
    'This could be caused by the use of a version of the protocol which is not supported, or may be an incompatibility  ' +
    'between the client and server implementations. ';
  return {
    action: faultActions.addressing,
    body: writeFaultBody('s:MustUnderstand', null, reason, ''),
    header: element('s:NotUnderstood', { qname: `h:${name}`, 'xmlns:h': namespace }),
  };
}

const faultDetailUri = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/';

function writeFaultBody(code: string, subcode: string | null, reason: string, detail: string): string {
  const sub = subcode === null ? '' : element('s:Subcode', {}, element('s:Value', declarePrefix(subcode), subcode));
  return (
    '<s:Fault>' +
    element('s:Code', {}, element('s:Value', {}, code) + sub) +
    element('s:Reason', {}, element('s:Text', { 'xml:lang': 'en-US' }, escapeXml(reason))) +
    (detail === '' ? '' : element('s:Detail', {}, detail)) +
    '</s:Fault>'
  );
}

/** Windows declares `n` on the envelope; ours does so where it is used. */
function declarePrefix(subcode: string): Readonly<Record<string, string>> {
  return subcode.startsWith('n:') ? { 'xmlns:n': ns.enumeration } : {};
}

function writeWsmanFault(fault: LabFault, machine: string): string {
  const attributes = { 'xmlns:f': ns.fault, Code: String(fault.code), Machine: machine };
  const text = escapeXml(fault.message ?? fault.reason);
  const plugin = { provider: 'Shell cmd plugin', path: '%systemroot%\\system32\\winrscmd.dll' };
  const shell = { provider: 'Shell provider', path: '%systemroot%\\system32\\WsmSvc.dll' };
  const wmi = { provider: 'WMI Provider', path: '%systemroot%\\system32\\WsmWmiPl.dll' };
  const inner = element('f:WSManFault', attributes, element('f:Message', {}, text));
  const message =
    fault.provider === undefined
      ? text
      : fault.provider === 'plugin'
        ? element('f:ProviderFault', plugin, text)
        : element('f:ProviderFault', fault.provider === 'wmi' ? wmi : shell, inner + writeExtendedStatus(fault.query));
  return element('f:WSManFault', attributes, element('f:Message', {}, message));
}

/** WinRb/soap_fault_v2, without the elements that are nil there. */
function writeExtendedStatus(query: string | undefined): string {
  if (query === undefined) return '';
  const names = { 'xmlns:p': 'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/__ExtendedStatus' };
  return element(
    'f:ExtendedError',
    {},
    element(
      'p:__ExtendedStatus',
      names,
      element('p:Operation', {}, 'ExecQuery') +
        element('p:ParameterInfo', {}, escapeXml(query)) +
        element('p:ProviderName', {}, 'WinMgmt'),
    ),
  );
}

/** WinRb/wmi_error_v2, without the elements that are nil there. */
function writeWmiError(fault: LabFault): string {
  const hex = fault.code.toString(16);
  const text = escapeXml(fault.message ?? fault.reason);
  const names = {
    'xmlns:p': ns.wmiError,
    'xmlns:b': 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd',
    'b:IsCIM_Error': 'true',
  };
  return element(
    'p:MSFT_WmiError',
    names,
    element('p:CIMStatusCode', {}, '27') +
      element('p:Message', {}, text) +
      element('p:MessageID', {}, `HRESULT 0x${hex}`) +
      element('p:error_Category', {}, '30') +
      element('p:error_Code', {}, String(fault.code)) +
      element('p:error_Type', {}, 'HRESULT') +
      element('p:error_WindowsErrorMessage', {}, text),
  );
}
