// Variables that say how to reach a host and have no effect here: those for SSH, names that Ansible has given up, and slips of the pen. Better
// a warning than a host that is reached otherwise than its file seems to say. It reads no values. Source: ansible-core 2.19 constants and
// connection plugins.
import type { Issue } from '../../model/failure.ts';
import { findNearest } from '../../yaml/nearest.ts';
import { issueAt, type Variable } from '../variables.ts';

/** Name -> the one that is read. */
const renamed: Readonly<Record<string, string>> = {
  ansible_ssh_host: 'ansible_host',
  ansible_ssh_port: 'ansible_port',
  ansible_ssh_user: 'ansible_user',
  ansible_ssh_pass: 'ansible_password',
  ansible_ssh_password: 'ansible_password',
  ansible_pass: 'ansible_password',
  ansible_username: 'ansible_user',
  ansible_address: 'ansible_host',
  ansible_winrm_username: 'ansible_user',
  ansible_winrm_transport_type: 'ansible_winrm_transport',
};

/** Of Ansible, but not about reaching a host by WinRM: they may be near a name that is. */
const others = [
  'ansible_become',
  'ansible_become_pass',
  'ansible_become_password',
  'ansible_become_user',
  'ansible_shell_type',
  'ansible_hosts',
  'ansible_hostname',
  'ansible_host_key',
  'ansible_version',
];

/** `known`: all names that are read. */
export function checkUnreadVariable(name: string, { place }: Variable, known: readonly string[]): readonly Issue[] {
  if (!name.startsWith('ansible_') || known.includes(name)) return [];
  const instead = renamed[name];
  if (instead !== undefined) return [issueAt(place, `this name is not read for WinRM; write ${instead}`)];
  if (name.startsWith('ansible_psrp_')) {
    return [issueAt(place, 'psrp options are ignored; write them in a winrm block')];
  }
  if (name.startsWith('ansible_ssh_')) return [issueAt(place, 'options of SSH are ignored')];
  if (name.startsWith('ansible_winrm_')) {
    const bare = (one: string): string => one.replace('ansible_winrm_', '');
    const near = findNearest(bare(name), known.filter((one) => one.startsWith('ansible_winrm_')).map(bare));
    const said =
      near === null ? 'this option is ignored' : `unknown option, ignored (did you mean "ansible_winrm_${near}"?)`;
    return [issueAt(place, said)];
  }
  if (others.includes(name)) return [];
  const bare = (one: string): string => one.replace('ansible_', '');
  const near = findNearest(bare(name), known.filter((one) => !one.startsWith('ansible_winrm_')).map(bare));
  return near === null ? [] : [issueAt(place, `unknown name, ignored (did you mean "ansible_${near}"?)`)];
}
