// What can name a site: a closed segment of the network with a runner of its own (`site:` in the inventory, `fencepost runner --site`). Pure.

/** For messages. */
export const siteNameWords = 'the name of a site, up to 64 printable characters';

const siteName = /^(?!\s)[^\p{C}]{1,64}(?<!\s)$/u;

export function isSiteName(text: string): boolean {
  return siteName.test(text);
}
