// `make shots`: the walks of states.ts with a camera.
import config from './playwright.config';

export default { ...config, testDir: 'shots' };
