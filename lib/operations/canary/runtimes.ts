/**
 * Runtimes of canaries without a browser, and the day on which Lambda ends the support of their Node.js. Their Node.js was
 * read on 2026-11-27 in a copy of AWS's page "Runtime versions using Node.js", the day of Node 22 at endoflife.date; that
 * of Node 20 is from memory. Synthetics may end one earlier: compare with its "Runtime versions support policy".
 */
export const CANARY_RUNTIMES: Readonly<Record<string, { readonly node: number; readonly ends: string }>> = {
  'syn-nodejs-3.1': { node: 20, ends: '2026-04-30' },
  'syn-nodejs-5.2': { node: 22, ends: '2027-04-30' },
};

export const CANARY_RUNTIME = 'syn-nodejs-5.2';
