// The variables that `fencepost --help` names. What a command's flags do is not here.

export const environmentHelp = `Environment:
  FENCEPOST_STATE_DIR          where runs, locks and histories are kept
  FENCEPOST_STATE              or the database of a team: postgres://USER@HOST/DB
  FENCEPOST_STATE_PASSWORD     where its password is: { file: PATH }, { env: NAME } ...
  FENCEPOST_HISTORY_DAYS       how long histories are kept (400)
  FENCEPOST_SIGN_KEY           SSH key to sign with
  ANSIBLE_VAULT_PASSWORD_FILE  the vault password, or a program that prints it
  OTEL_EXPORTER_OTLP_ENDPOINT  send traces and metrics there (OTLP over HTTP);
                               the other OTEL_ variables and TRACEPARENT count too
  NO_COLOR, FORCE_COLOR        colours: never, always
  FORCE_HYPERLINK              links to files: 1 always, 0 never`;
