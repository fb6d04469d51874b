// What a credential helper or a vault program sees of the environment: where it is, who runs it, how it reaches an agent or a desktop's
// keyring. Nothing else: the environment of a CI job holds secrets of other things. Pure. The list stands in docs/security.md too.

const passedOn: readonly string[] = [
  // programs, and where a person's files are
  'PATH',
  'HOME',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  // who
  'USER',
  'USERNAME',
  'LOGNAME',
  // language, time, temporary files
  'LANG',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  // without these many programs do not start on Windows
  'SYSTEMROOT',
  'COMSPEC',
  'PATHEXT',
  // agents and keyrings
  'SSH_AUTH_SOCK',
  'DBUS_SESSION_BUS_ADDRESS',
  'GPG_TTY',
  // so that what a helper does is part of the same trace
  'TRACEPARENT',
  'TRACESTATE',
];
const passedOnFamilies = ['LC_', 'XDG_'];

/** The part of `environment` that a helper is run with. Names are compared as Windows does, without case. */
export function helperEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => {
      const upper = name.toUpperCase();
      return passedOn.includes(upper) || passedOnFamilies.some((family) => upper.startsWith(family));
    }),
  );
}
