// Runs before anything that an older Node could not even read: no import, and no syntax of the last ten years.
const { engines } = require('../package.json');

const floor = engines.node.replace('>=', '');
const [major, minor] = floor.split('.').map(Number);
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);

if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  console.error(
    `This shop needs Node ${floor} or newer, and this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Node 24, on which it is deployed, is at https://nodejs.org/en/download; `nvm install 24` installs it beside others.',
  );
  process.exit(1);
}
