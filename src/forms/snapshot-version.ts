// The name and version of a snapshot's form, which are judged before the rest. Apart from the form, for whoever writes needs no more.

export const snapshotFormat = 'fencepost-snapshot';
export const snapshotVersion = 1;
