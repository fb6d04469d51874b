// A session that refuses anything but a question: what surveys and dry runs are given, so that they cannot change a host.
import { Failure } from '../../model/failure.ts';
import type { Connector, Session } from '../../model/seams.ts';

/** The same connector, whose sessions reject every `change` with Failure `change/refused-read-only`. */
export function readOnly(connector: Connector): Connector {
  return { connect: async (target, options) => readOnlySession(await connector.connect(target, options)) };
}

function readOnlySession(session: Session): Session {
  return {
    ask: (line, options) => session.ask(line, options),
    list: (question, options) => session.list(question, options),
    change: (line) =>
      Promise.reject(
        new Failure('change/refused-read-only', `a read-only stage tried to send a change: ${line}`, {
          hint: 'this is a bug in Fencepost; nothing was sent',
        }),
      ),
    endLeft: (options) => session.endLeft(options),
    newNonce: () => session.newNonce(),
    close: () => session.close(),
  };
}
