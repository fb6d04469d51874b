// Runs that several runners carry out together: which batch is open, and who has which host. A host's row changes in the transaction of the
// record that says so. No two hosts of a group are with a runner at once, or in doubt with one that is gone: the index keeps it, whoever errs.
export const joinedRuns = `
CREATE TABLE fencepost.joined_run (
  run text PRIMARY KEY REFERENCES fencepost.run (name) ON DELETE CASCADE,
  plan text NOT NULL,
  batch integer NOT NULL DEFAULT 0,
  finished_batch integer NOT NULL DEFAULT 0,
  stopping text,
  closed boolean NOT NULL DEFAULT false
);

CREATE TABLE fencepost.joined_host (
  run text NOT NULL REFERENCES fencepost.joined_run (run) ON DELETE CASCADE,
  host text NOT NULL,
  place integer NOT NULL,
  batch integer NOT NULL,
  exclusive_group text,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'started', 'finished', 'lost')),
  runner uuid,
  holder jsonb,
  verdict text,
  PRIMARY KEY (run, host)
);
CREATE UNIQUE INDEX joined_group ON fencepost.joined_host (run, exclusive_group)
  WHERE exclusive_group IS NOT NULL AND state IN ('claimed', 'started', 'lost');
CREATE INDEX joined_waiting ON fencepost.joined_host (run, batch, place) WHERE state = 'waiting';
`;
