// Whether a CI system hears of what a command found, so that what words it is loaded only then (tell-ci.ts).

/** False: whatever is written there goes nowhere. */
export function isCiTold(): boolean {
  const { GITHUB_STEP_SUMMARY = '', GITHUB_ACTIONS } = process.env;
  return GITHUB_STEP_SUMMARY !== '' || GITHUB_ACTIONS === 'true';
}
