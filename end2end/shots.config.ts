// `make shots`: takes a picture at every state of states.ts.
import config from './playwright.config';

export default { ...config, testDir: 'shots' };
