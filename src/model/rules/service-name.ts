// The short name of a service, as playbooks, policies, plans and journals may have it: one word of a command, without a sign that a shell or
// a terminal would obey. Whether there is such a service is for Windows to say. Pure. windows/services.ts quotes what a command needs quoted.

export const mostServiceNameLetters = 256;
export const serviceNamePattern = /^[\w.$@{}~+-]+$/;

export function isServiceName(name: string): boolean {
  return name.length <= mostServiceNameLetters && serviceNamePattern.test(name);
}
