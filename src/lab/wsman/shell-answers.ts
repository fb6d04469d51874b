// The two answers of the shell that have something to say: what was created, and what was printed. Pure.
// Source: recordings in wsman-samples/pypsrp (test_client_execute_cmd.00 and .02, test_winrs_extra_opts.00,
// test_winrs_environment.00).
import { writeDuration } from '../../winrm/soap/duration.ts';
import { cmdShellUri, commandStates } from '../../winrm/soap/namespaces.ts';
import { element, escapeXml } from '../../winrm/soap/xml.ts';
import type { ReceiveResult } from './command-output.ts';
import type { OpenShell } from './shells.ts';

/** The new shell, as in test_client_execute_cmd.00. `url`: the listener as the client named it. */
export function writeCreated(shell: OpenShell, url: string): string {
  const selector = element('w:Selector', { Name: 'ShellId' }, shell.id);
  const reference = element('w:ResourceURI', {}, cmdShellUri) + element('w:SelectorSet', {}, selector);
  const { workingDirectory } = shell;
  return (
    element(
      'x:ResourceCreated',
      {},
      element('a:Address', {}, escapeXml(url)) + element('a:ReferenceParameters', {}, reference),
    ) +
    element(
      'rsp:Shell',
      {},
      element('rsp:ShellId', {}, shell.id) +
        element('rsp:ResourceUri', {}, cmdShellUri) +
        element('rsp:Owner', {}, escapeXml(shell.owner)) +
        element('rsp:ClientIP', {}, escapeXml(shell.clientAddress)) +
        writeEnvironment(shell) +
        (workingDirectory === null ? '' : element('rsp:WorkingDirectory', {}, escapeXml(workingDirectory))) +
        element('rsp:IdleTimeOut', {}, writeDuration(shell.idleTimeoutMs)) +
        element('rsp:InputStreams', {}, escapeXml(shell.inputStreams)) +
        element('rsp:OutputStreams', {}, escapeXml(shell.outputStreams)) +
        element('rsp:ShellRunTime', {}, 'P0DT0H0M0S') +
        element('rsp:ShellInactivity', {}, 'P0DT0H0M0S'),
    )
  );
}

/** Output pieces; after the last of them both End marks, Done and the exit code in the same answer (MS-WSMV note 122). */
export function writeReceived(commandId: string, received: Extract<ReceiveResult, { kind: 'output' }>): string {
  const ids = { CommandId: commandId };
  const pieces = received.pieces.map(({ stream, bytes }) =>
    element('rsp:Stream', { Name: stream, ...ids }, Buffer.from(bytes).toString('base64')),
  );
  if (received.exitCode === null) {
    const state = element('rsp:CommandState', { ...ids, State: commandStates.running });
    return element('rsp:ReceiveResponse', {}, pieces.join('') + state);
  }
  const ends = ['stdout', 'stderr'].map((Name) => element('rsp:Stream', { Name, ...ids, End: 'true' }));
  const exit = element('rsp:ExitCode', {}, String(received.exitCode));
  const state = element('rsp:CommandState', { ...ids, State: commandStates.done }, exit);
  return element('rsp:ReceiveResponse', {}, pieces.join('') + ends.join('') + state);
}

function writeEnvironment({ environment }: OpenShell): string {
  if (environment.length === 0) return '';
  const variables = environment.map(({ name, value }) => element('rsp:Variable', { Name: name }, escapeXml(value)));
  return element('rsp:Environment', {}, variables.join(''));
}
