// Answers of a WS-Management server as text, written down by hand from the specification's examples (ms-wsmv/4.7.*), so that the client's
// readers are not tested with the house's own writer.

const envelope = (body: string): string =>
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"' +
  ' xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"' +
  ' xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell">' +
  `<s:Header><a:RelatesTo>uuid:0</a:RelatesTo></s:Header><s:Body>${body}</s:Body></s:Envelope>`;

export function createAnswer(shellId: string): string {
  const selector = `<w:SelectorSet><w:Selector Name="ShellId">${shellId}</w:Selector></w:SelectorSet>`;
  return envelope(`<x:ResourceCreated><a:ReferenceParameters>${selector}</a:ReferenceParameters></x:ResourceCreated>`);
}

export function commandAnswer(commandId: string): string {
  return envelope(`<rsp:CommandResponse><rsp:CommandId>${commandId}</rsp:CommandId></rsp:CommandResponse>`);
}

/** `exitCode`: null = still running; undefined = done, but the service has none to tell. */
export function receiveAnswer(stdout: Uint8Array | string, exitCode: number | null | undefined, stderr = ''): string {
  const stream = (name: string, data: Uint8Array | string): string =>
    data.length === 0
      ? ''
      : `<rsp:Stream Name="${name}" CommandId="C">${Buffer.from(data).toString('base64')}</rsp:Stream>`;
  const code = exitCode === undefined || exitCode === null ? '' : `<rsp:ExitCode>${exitCode}</rsp:ExitCode>`;
  const state = `http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/${exitCode === null ? 'Running' : 'Done'}`;
  return envelope(
    `<rsp:ReceiveResponse>${stream('stdout', stdout)}${stream('stderr', stderr)}` +
      `<rsp:CommandState CommandId="C" State="${state}">${code}</rsp:CommandState></rsp:ReceiveResponse>`,
  );
}

export const signalAnswer = envelope('<rsp:SignalResponse/>');
export const deleteAnswer = envelope('');

/** A WSManFault. Codes: wsman.md section 2.12. */
export function faultAnswer(code: number, subcode = 'w:InternalError'): string {
  return envelope(
    `<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>${subcode}</s:Value></s:Subcode></s:Code>` +
      '<s:Reason><s:Text xml:lang="de-DE">nein</s:Text></s:Reason><s:Detail>' +
      `<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="${code}" Machine="ex01">` +
      '<f:Message>nein</f:Message></f:WSManFault></s:Detail></s:Fault>',
  );
}

export const timedOut = faultAnswer(2150858793, 'w:TimedOut');
export const shellGone = faultAnswer(2150858843, 'w:InvalidSelectors');
export const tooManyOperations = faultAnswer(2150859174, 'w:QuotaLimit');
