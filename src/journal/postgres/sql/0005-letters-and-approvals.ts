// What a team shares beside its runs: letters that wait to be delivered, with the marks of those that were, and approvals of plans. A letter's
// name is a hash of its channel and what happened, so that it is told once, whoever tells it. An approval is what a file beside the plan is: its
// signature says whether it counts, and the database vouches for nothing.
export const lettersAndApprovals = `
CREATE TABLE fencepost.letter (
  id text PRIMARY KEY,
  channel text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'damaged')),
  body text,
  taker uuid,
  taken_until timestamptz,
  settled_at timestamptz,
  CHECK (state <> 'waiting' OR body IS NOT NULL),
  CHECK (state = 'waiting' OR settled_at IS NOT NULL)
);
CREATE INDEX letter_waiting ON fencepost.letter (channel) WHERE state = 'waiting';
CREATE INDEX letter_settled ON fencepost.letter (settled_at) WHERE state <> 'waiting';

CREATE TABLE fencepost.approval (
  plan text NOT NULL,
  id text NOT NULL,
  body text NOT NULL CHECK (octet_length(body) <= 65536),
  saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  saved_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (plan, id)
);
`;
